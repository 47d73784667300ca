//! Tokens: a kind and a range of bytes.

/// What a token is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum TokenKind {
    /// The end of the text.
    End,
    /// One or more line ends with nothing between them.
    NewLine,
    /// A name; keywords are names that stand in the right place.
    Identifier,
    /// `true`
    True,
    /// `false`
    False,
    /// `null`
    Null,
    /// Digits.
    Integer,
    /// `'…'` or `'''…'''`
    StringComplete,
    /// `'…${`
    StringLeft,
    /// `}…${`
    StringMiddle,
    /// `}…'`
    StringRight,
    /// `@`
    At,
    /// `{`
    LeftBrace,
    /// `}`
    RightBrace,
    /// `(`
    LeftParen,
    /// `)`
    RightParen,
    /// `[`
    LeftSquare,
    /// `]`
    RightSquare,
    /// `,`
    Comma,
    /// `.`
    Dot,
    /// `...`
    Ellipsis,
    /// `?`
    Question,
    /// `??`
    DoubleQuestion,
    /// `:`
    Colon,
    /// `::`
    DoubleColon,
    /// `;`
    Semicolon,
    /// `=`
    Assignment,
    /// `=>`
    Arrow,
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Asterisk,
    /// `/`
    Slash,
    /// `%`
    Percent,
    /// `!`
    Exclamation,
    /// `<`
    Less,
    /// `>`
    Greater,
    /// `<=`
    LessOrEqual,
    /// `>=`
    GreaterOrEqual,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`
    EqualIgnoringCase,
    /// `!~`
    NotEqualIgnoringCase,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `|`
    Pipe,
    /// `^`
    Hat,
    /// A character that begins no token.
    Unrecognized,
}

/// How a string is written; says nothing for other tokens.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct StringForm {
    /// Of the form `'''…'''`: nothing in it is escaped.
    pub multiline: bool,
    /// It holds a backslash.
    pub escaped: bool,
    /// It does not end, or ends with its line.
    pub unterminated: bool,
    /// How many `$` open a hole of a multi-line string: none, then it has no holes. Saturates.
    pub dollars: u8,
}

/// A token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// How a string is written.
    pub form: StringForm,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}
