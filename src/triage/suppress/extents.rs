//! How far the things of a file reach: entries and items of YAML and JSON, declarations, properties and items of Bicep.
//! A comment above one of them stands for all of it.

use crate::read::bicep::ast::{Declaration, Expr, ExprKind, File, Item, Member, Object};
use crate::source::Span;
use crate::tree::{Kind, Value};

/// One thing of a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Extent {
    /// From its first token to its last.
    pub span: Span,
    /// Whether it is an item of a list, which a dash may precede.
    pub item: bool,
}

impl Extent {
    fn of(span: Span) -> Self {
        Self { span, item: false }
    }
}

/// The entries and items of a document, its root first.
pub fn of_tree(root: &Value) -> Vec<Extent> {
    let mut found = vec![Extent::of(root.span)];
    // What an alias or a merge brings stands elsewhere, and is met there.
    let mut open = vec![root];
    while let Some(value) = open.pop() {
        let inside = |span: Span| value.span.contains(span);
        match &value.kind {
            Kind::Map(map) => {
                for entry in map.iter().filter(|e| inside(e.key_span)) {
                    let own = inside(entry.value.span) && entry.value.span.start >= entry.key_span.end;
                    found.push(Extent::of(if own { entry.key_span.to(entry.value.span) } else { entry.key_span }));
                    open.extend(own.then_some(&entry.value));
                }
            }
            Kind::List(list) => {
                let mut last = value.span.start;
                for item in list.iter().filter(|i| inside(i.span)) {
                    if item.span.start < last {
                        continue;
                    }
                    last = item.span.end;
                    found.push(Extent { span: item.span, item: true });
                    open.push(item);
                }
            }
            _ => {}
        }
    }
    found
}

/// The declarations of a Bicep file and what stands in them.
pub fn of_bicep(file: &File) -> Vec<Extent> {
    let mut walk = Walk { found: Vec::new(), exprs: Vec::new(), objects: Vec::new() };
    for declaration in &file.declarations {
        walk.declaration(declaration);
    }
    loop {
        if let Some(expr) = walk.exprs.pop() {
            walk.expr(expr);
        } else if let Some(object) = walk.objects.pop() {
            walk.object(object);
        } else {
            return walk.found;
        }
    }
}

struct Walk<'f> {
    found: Vec<Extent>,
    exprs: Vec<&'f Expr>,
    objects: Vec<&'f Object>,
}

impl<'f> Walk<'f> {
    fn declaration(&mut self, declaration: &'f Declaration) {
        self.found.push(Extent::of(declaration.span));
        // A comment may stand between the decorators and the keyword.
        if declaration.keyword.start > declaration.span.start {
            self.found
                .push(Extent::of(declaration.keyword.to(Span { start: declaration.span.end, ..declaration.span })));
        }
        for decorator in &declaration.decorators {
            self.exprs.extend(&decorator.args);
        }
        match &declaration.item {
            Item::Metadata(x) | Item::Assign(x) | Item::Assert(x) => self.exprs.push(&x.value),
            Item::Param(x) => self.exprs.extend(&x.default),
            Item::Var(x) => self.exprs.push(&x.value),
            Item::Func(x) => self.exprs.push(&x.body),
            Item::Resource(x) => self.objects.push(&x.body.object),
            Item::Module(x) | Item::Test(x) => self.objects.push(&x.body.object),
            Item::Output(x) => self.exprs.push(&x.value),
            _ => {}
        }
    }

    fn object(&mut self, object: &'f Object) {
        for member in &object.members {
            match member {
                Member::Property(property) => {
                    self.found.push(Extent::of(property.span()));
                    self.exprs.push(&property.value);
                }
                Member::Spread(dots, expr) => {
                    self.found.push(Extent::of(dots.to(expr.span)));
                    self.exprs.push(expr);
                }
                Member::Resource(declaration) => self.declaration(declaration),
                Member::Broken(_) => {}
            }
        }
    }

    fn expr(&mut self, expr: &'f Expr) {
        match &expr.kind {
            ExprKind::Array(items) => {
                for item in items {
                    let span = item.spread.map_or(item.value.span, |dots| dots.to(item.value.span));
                    self.found.push(Extent::of(span));
                    self.exprs.push(&item.value);
                }
            }
            ExprKind::Object(object) => self.objects.push(object),
            ExprKind::For(each) => self.exprs.push(&each.body),
            ExprKind::Ternary(ternary) => self.exprs.extend([&ternary.yes, &ternary.no]),
            ExprKind::Call(call) => self.exprs.extend(&call.args),
            ExprKind::Paren(inner) | ExprKind::NonNull(inner) => self.exprs.push(inner),
            ExprKind::Lambda(lambda) => self.exprs.push(&lambda.body),
            _ => {}
        }
    }
}
