//! Trees as short text, for tests: `(+ 1 (* 2 x))`.

use crate::read::bicep::ast::*;

pub fn expr(e: &Expr) -> String {
    match &e.kind {
        ExprKind::Broken => "<broken>".into(),
        ExprKind::Null => "null".into(),
        ExprKind::Bool(b) => b.to_string(),
        ExprKind::Int(n) => n.to_string(),
        ExprKind::String(s) => format!("{s:?}"),
        ExprKind::Interpolated(pieces) => format!("(str {})", pieces.iter().map(piece).collect::<Vec<_>>().join(" ")),
        ExprKind::Name(n) => n.to_string(),
        ExprKind::Array(items) => {
            let item = |i: &ArrayItem| format!("{}{}", if i.spread.is_some() { "..." } else { "" }, expr(&i.value));
            format!("[{}]", join(items, item))
        }
        ExprKind::Object(o) => object(o),
        ExprKind::For(f) => format!("(for {} {})", each(&f.each), expr(&f.body)),
        ExprKind::Ternary(t) => format!("(? {} {} {})", expr(&t.condition), expr(&t.yes), expr(&t.no)),
        ExprKind::Binary(b) => format!("({} {} {})", b.op.text(), expr(&b.left), expr(&b.right)),
        ExprKind::Unary(u) => {
            let op = match u.op {
                UnaryOp::Not => "!",
                UnaryOp::Minus => "-",
                UnaryOp::Plus => "+",
            };
            format!("({op} {})", expr(&u.operand))
        }
        ExprKind::Call(c) => {
            let target = c.target.as_ref().map_or(String::new(), |t| format!("{}.", expr(t)));
            format!("{target}{}({})", c.name.text, join(&c.args, expr))
        }
        ExprKind::Property(p) => format!("{}.{}{}", expr(&p.object), if p.safe { "?" } else { "" }, p.name.text),
        ExprKind::Index(i) => {
            let (safe, end) = (if i.safe { "?" } else { "" }, if i.from_end { "^" } else { "" });
            format!("{}[{safe}{end}{}]", expr(&i.object), expr(&i.index))
        }
        ExprKind::Nested(n) => format!("{}::{}", expr(&n.parent), n.name.text),
        ExprKind::NonNull(e) => format!("{}!", expr(e)),
        ExprKind::Paren(e) => format!("(paren {})", expr(e)),
        ExprKind::Lambda(l) => format!("(=> ({}) {})", join(&l.params, |p| p.text.to_string()), expr(&l.body)),
    }
}

fn join<T>(items: &[T], show: impl Fn(&T) -> String) -> String {
    items.iter().map(show).collect::<Vec<_>>().join(" ")
}

fn piece(p: &Piece) -> String {
    match p {
        Piece::Text(t) => format!("{:?}", t.text),
        Piece::Hole(e) => expr(e),
    }
}

fn each(l: &Loop) -> String {
    let index = l.index.as_ref().map_or(String::new(), |i| format!(",{}", i.text));
    format!("{}{index} {}", l.item.text, expr(&l.list))
}

fn key(k: &Key) -> String {
    match k {
        Key::Fixed(name) => name.text.to_string(),
        Key::Computed(e) => expr(e),
    }
}

pub fn object(o: &Object) -> String {
    let member = |m: &Member| match m {
        Member::Property(p) => format!("{}:{}", key(&p.key), expr(&p.value)),
        Member::Spread(_, e) => format!("...{}", expr(e)),
        Member::Resource(d) => declaration(d),
        Member::Broken(_) => "<broken>".into(),
    };
    format!("{{{}}}", join(&o.members, member))
}

fn body(b: &Body) -> String {
    let each = b.each.as_ref().map_or(String::new(), |l| format!("for {} ", each(l)));
    let condition = b.condition.as_ref().map_or(String::new(), |c| format!("if {} ", expr(c)));
    format!("{each}{condition}{}", object(&b.object))
}

fn decorators(all: &[Decorator]) -> String {
    let one = |d: &Decorator| {
        let namespace = d.namespace.as_ref().map_or(String::new(), |n| format!("{}.", n.text));
        format!("@{namespace}{}({}) ", d.name.text, join(&d.args, expr))
    };
    all.iter().map(one).collect()
}

pub fn ty(t: &TypeExpr) -> String {
    match &t.kind {
        TypeKind::Broken => "<broken>".into(),
        TypeKind::Name(n) => n.to_string(),
        TypeKind::Resource(r) => format!("(resource {})", r.as_ref().map_or("-", |n| n)),
        TypeKind::Null => "null".into(),
        TypeKind::Bool(b) => b.to_string(),
        TypeKind::Int(n) => n.to_string(),
        TypeKind::String(s) => format!("{s:?}"),
        TypeKind::Interpolated(pieces) => format!("(str {})", join(pieces, piece)),
        TypeKind::Unary(op, t) => format!("({op:?} {})", ty(t)),
        TypeKind::Array(t) => format!("{}[]", ty(t)),
        TypeKind::Tuple(items) => {
            format!("[{}]", join(items, |i| format!("{}{}", decorators(&i.decorators), ty(&i.ty))))
        }
        TypeKind::Object(properties) => {
            let one = |p: &TypeProperty| {
                let key = p.key.as_ref().map_or("*".into(), key);
                format!("{}{key}:{}", decorators(&p.decorators), ty(&p.ty))
            };
            format!("{{{}}}", join(properties, one))
        }
        TypeKind::Union(members) => format!("(| {})", join(members, ty)),
        TypeKind::Nullable(t) => format!("{}?", ty(t)),
        TypeKind::NonNull(t) => format!("{}!", ty(t)),
        TypeKind::Paren(t) => format!("(paren {})", ty(t)),
        TypeKind::Property(t, name) => format!("{}.{}", ty(t), name.text),
        TypeKind::AdditionalProperties(t) => format!("{}.*", ty(t)),
        TypeKind::Items(t) => format!("{}[*]", ty(t)),
        TypeKind::Index(t, e) => format!("{}[{}]", ty(t), expr(e)),
        TypeKind::Generic(generic) => {
            let GenericType { target, name, args } = &**generic;
            let target = target.as_ref().map_or(String::new(), |t| format!("{}.", ty(t)));
            format!("{target}{}<{}>", name.text, join(args, ty))
        }
    }
}

fn name(n: &Option<Name>) -> String {
    n.as_ref().map_or("-".into(), |n| n.text.to_string())
}

pub fn declaration(d: &Declaration) -> String {
    let item = match &d.item {
        Item::TargetScope(e) => format!("targetScope {}", expr(e)),
        Item::Metadata(b) => format!("metadata {} {}", b.name.text, expr(&b.value)),
        Item::Assert(b) => format!("assert {} {}", b.name.text, expr(&b.value)),
        Item::Assign(b) => format!("assign {} {}", b.name.text, expr(&b.value)),
        Item::Param(p) => {
            let default = p.default.as_ref().map_or(String::new(), |e| format!(" {}", expr(e)));
            format!("param {} {}{default}", p.name.text, ty(&p.ty))
        }
        Item::Var(v) => {
            let declared = v.ty.as_ref().map_or(String::new(), |t| format!("{} ", ty(t)));
            format!("var {} {declared}{}", v.name.text, expr(&v.value))
        }
        Item::Type(t) => format!("type {} {}", t.name.text, ty(&t.ty)),
        Item::Func(f) => {
            let params = join(&f.params, |p| format!("{}:{}", p.name.text, ty(&p.ty)));
            format!("func {}({params}) {} {}", f.name.text, ty(&f.result), expr(&f.body))
        }
        Item::Resource(r) => {
            let existing = if r.existing.is_some() { " existing" } else { "" };
            format!("resource {} {}{existing} {}", r.name.text, name(&r.ty), body(&r.body))
        }
        Item::Module(m) => format!("module {} {} {}", m.name.text, name(&m.path), body(&m.body)),
        Item::Test(m) => format!("test {} {} {}", m.name.text, name(&m.path), body(&m.body)),
        Item::Output(o) => format!("output {} {} {}", o.name.text, ty(&o.ty), expr(&o.value)),
        Item::Import(i) => {
            let item = |i: &ImportItem| match &i.alias {
                Some(alias) => format!("{}={}", alias.text, i.name.text),
                None => i.name.text.to_string(),
            };
            let what = match &i.what {
                Imported::All(alias) => format!("*={}", alias.text),
                Imported::Names(items) => join(items, item),
                Imported::Broken => "<broken>".into(),
            };
            format!("import {what} {}", name(&i.from))
        }
        Item::Extension(x) => {
            let with = x.with.as_ref().map_or(String::new(), |o| format!(" {}", object(o)));
            format!("extension {}{with} {}", name(&x.spec), name(&x.alias))
        }
        Item::ExtensionConfig(x) => {
            format!("extensionConfig {} {}", x.alias.text, x.with.as_ref().map_or("-".into(), object))
        }
        Item::Using(u) => {
            let target = match &u.target {
                UsingTarget::Path(path) => path.text.to_string(),
                UsingTarget::None(_) => "none".into(),
                UsingTarget::Broken => "<broken>".into(),
            };
            format!("using {target}{}", u.with.as_ref().map_or(String::new(), |o| format!(" {}", object(o))))
        }
        Item::Extends(path) => format!("extends {}", name(path)),
        Item::Broken => "<broken>".into(),
    };
    format!("{}{item}", decorators(&d.decorators))
}
