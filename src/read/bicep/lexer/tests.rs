use super::super::token::TokenKind::{self, *};
use super::lex;

fn kinds(text: &str) -> Vec<TokenKind> {
    lex(text).tokens.iter().map(|t| t.kind).collect()
}

#[test]
fn kinds_of_tokens() {
    for (text, expected) in [
        ("", &[End][..]),
        (" \t ", &[End]),
        ("a_1 B true True null", &[Identifier, Identifier, True, Identifier, Null, End]),
        ("12a", &[Integer, Identifier, End]),
        ("1.5", &[Integer, Dot, Integer, End]),
        ("a.b..c...d", &[Identifier, Dot, Identifier, Dot, Dot, Identifier, Ellipsis, Identifier, End]),
        ("a.?b", &[Identifier, Dot, Question, Identifier, End]),
        ("a??b", &[Identifier, DoubleQuestion, Identifier, End]),
        ("a?b:c::d", &[Identifier, Question, Identifier, Colon, Identifier, DoubleColon, Identifier, End]),
        ("[?^1]!", &[LeftSquare, Question, Hat, Integer, RightSquare, Exclamation, End]),
        ("= == => =~", &[Assignment, Equal, Arrow, EqualIgnoringCase, End]),
        (
            "!= !~ ! < <= > >=",
            &[NotEqual, NotEqualIgnoringCase, Exclamation, Less, LessOrEqual, Greater, GreaterOrEqual, End],
        ),
        ("&& || | &", &[And, Or, Pipe, Unrecognized, End]),
        (
            "+-*/%@,;(){}",
            &[
                Plus, Minus, Asterisk, Slash, Percent, At, Comma, Semicolon, LeftParen, RightParen, LeftBrace,
                RightBrace, End,
            ],
        ),
        ("a\n\r\n\rb", &[Identifier, NewLine, Identifier, End]),
        ("a\n // c\nb", &[Identifier, NewLine, NewLine, Identifier, End]),
        ("a /* \n */ b", &[Identifier, Identifier, End]),
        ("a//b", &[Identifier, End]),
        ("'a'", &[StringComplete, End]),
        ("'a${b}c${d}e'", &[StringLeft, Identifier, StringMiddle, Identifier, StringRight, End]),
        (
            "'${{a:1}.a}'",
            &[StringLeft, LeftBrace, Identifier, Colon, Integer, RightBrace, Dot, Identifier, StringRight, End],
        ),
        (r"'\'\\'", &[StringComplete, End]),
        (r"'\${a}'", &[StringComplete, End]),
        ("'a\nb", &[StringComplete, NewLine, Identifier, End]),
        ("'${a\nb", &[StringLeft, Identifier, StringRight, NewLine, Identifier, End]),
        ("'''a\n'b' ${c}'''", &[StringComplete, End]),
        ("''''a''''b", &[StringComplete, Identifier, End]),
        ("$'''a${b}'''", &[StringLeft, Identifier, StringRight, End]),
        ("$$'''${a}$${b}'''", &[StringLeft, Identifier, StringRight, End]),
        ("$a", &[Unrecognized, Identifier, End]),
        ("é\u{1F600}\"#`~\\", &[Unrecognized; 7]),
        ("#disable-next-line a\nb", &[NewLine, Identifier, End]),
        (
            "a #disable-next-line b",
            &[Identifier, Unrecognized, Identifier, Minus, Identifier, Minus, Identifier, Identifier, End],
        ),
    ] {
        let found = kinds(text);
        let expected: Vec<_> =
            if expected.iter().all(|k| *k == Unrecognized) { [expected, &[End]].concat() } else { expected.to_vec() };
        assert_eq!(found, expected, "{text:?}");
    }
}

#[test]
fn tokens_follow_one_another_within_the_text() {
    let text = "@a('b${c}')\r\n// d\nresource e 'f' = { g: é, h: '''i''' } \u{1F600}";
    let mut last = 0;
    for token in lex(text).tokens {
        assert!(token.start >= last && token.end >= token.start, "{token:?}");
        assert!(text.get(token.start as usize..token.end as usize).is_some(), "{token:?}");
        last = token.end;
    }
    assert_eq!(last as usize, text.len());
}

#[test]
fn strings_say_how_they_are_written() {
    for (text, multiline, escaped, unterminated, dollars) in [
        ("'a'", false, false, false, 0),
        (r"'\n'", false, true, false, 0),
        ("'a", false, false, true, 0),
        ("'a\n", false, false, true, 0),
        ("'''a'''", true, false, false, 0),
        (r"'''\n'''", true, false, false, 0),
        ("'''a''", true, false, true, 0),
        ("$$'''a'''", true, false, false, 2),
    ] {
        let form = lex(text).tokens[0].form;
        assert_eq!(
            (form.multiline, form.escaped, form.unterminated, form.dollars),
            (multiline, escaped, unterminated, dollars),
            "{text:?}"
        );
    }
}

#[test]
fn long_names_are_said() {
    assert!(lex(&"a".repeat(255)).faults.is_empty());
    assert_eq!(lex(&"a".repeat(256)).faults.len(), 1);
}
