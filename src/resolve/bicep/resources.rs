//! Resources and modules.

use super::Lower;
use super::names::Named;
use crate::read::bicep::ast::{self, ExprKind as Written, Item};
use crate::resolve::context::Scope;
use crate::resolve::template::{
    AllArguments, Argument, ArgumentForm, Content, Expr, Loop, Module, Parent, Resource, Target, Template,
};
use crate::source::Span;
use crate::tree::{Style, Text, Value};

/// Keys of a resource's body that say where it belongs, and not what it sets.
const STRUCTURE: [&str; 4] = ["name", "scope", "parent", "dependsOn"];

/// The resource around another.
pub(super) struct Around {
    index: usize,
    ty: Text,
    api_version: Option<Expr>,
}

impl Lower<'_> {
    /// Lowers a resource and those inside of it; `next` is its index.
    pub(super) fn resource(&mut self, resource: &ast::Resource, around: Option<&Around>, next: &mut usize) {
        let own = *next;
        *next += 1;
        let span = resource.ty.as_ref().map_or(resource.name.span, |t| t.span);
        let written = resource.ty.as_ref().map_or("", |t| t.text.as_str());
        let (short, version) = written.split_once('@').unwrap_or((written, ""));
        let short = short.strip_prefix("az:").unwrap_or(short);
        let ty: Text = match around {
            Some(around) => format!("{}/{short}", around.ty).into(),
            None => short.into(),
        };
        let api_version = match version {
            "" => around.and_then(|a| a.api_version.clone()),
            version => Some(Expr::literal(Value::string(version, span))),
        };
        let body = &resource.body;
        let (each, locals) = self.each(body.each.as_ref());
        let nested = around.map(|around| Parent { resource: around.index, index: None, nested: true });
        self.names.inside.push(own);
        let lowered = self.with_locals(&locals, |lower| {
            let extension = extension_of(&ty);
            let (name, name_key) = lower.resource_name(body, resource.name.span, extension.is_some());
            // An extension's resources set a name and a scope as they set everything else.
            let structure = if extension.is_some() { &STRUCTURE[2..] } else { &STRUCTURE[..] };
            let mut type_value = Value::string(ty.clone(), span);
            type_value.style = Style::Single;
            let scope = if extension.is_some() { None } else { lower.scope_of(body) };
            Resource {
                symbol: Some(resource.name.text.clone()),
                declared: resource.name.span,
                existing: resource.existing.is_some(),
                extension,
                ty: type_value,
                api_version: api_version.clone(),
                name,
                name_key,
                each,
                condition: body.condition.as_ref().map(|e| lower.expr(e)),
                parent: nested.or_else(|| {
                    let property = body.object.get("parent")?;
                    let (resource, index) = lower.indexed(&property.value)?;
                    Some(Parent { resource, index, nested: false })
                }),
                scope,
                properties: lower.members(&body.object, structure),
                broken: body.object.is_broken() || resource.ty.is_none(),
                span: body.object.span,
            }
        });
        self.body.resources.push(lowered);
        let around = Around { index: own, ty, api_version };
        for child in body.object.resources() {
            if let Item::Resource(child) = &child.item {
                self.with_locals(&locals, |lower| lower.resource(child, Some(&around), next));
            }
        }
        self.names.inside.pop();
    }

    pub(super) fn each(&mut self, each: Option<&ast::Loop>) -> (Option<Loop>, Vec<Text>) {
        match each {
            Some(each) => {
                let (over, locals) = self.loop_head(each);
                (Some(over), locals)
            }
            None => (None, Vec::new()),
        }
    }

    fn resource_name(&mut self, body: &ast::Body, site: Span, may_lack: bool) -> (Expr, Span) {
        match body.object.get("name") {
            Some(property) => (self.expr(&property.value), property.key.span()),
            None if may_lack => (Expr::literal(Value::null(site)), site),
            None => {
                if !body.object.is_broken() {
                    self.problem(site, "the resource has no name");
                }
                (Self::broken(site), site)
            }
        }
    }

    pub(super) fn scope_of(&mut self, body: &ast::Body) -> Option<Target> {
        let property = body.object.get("scope")?;
        self.target(&property.value, 8)
    }

    /// `symbol`, `symbol[i]`, `outer::inner`.
    fn indexed(&mut self, e: &ast::Expr) -> Option<(usize, Option<Expr>)> {
        match &e.kind {
            Written::Paren(inner) | Written::NonNull(inner) => self.indexed(inner),
            Written::Index(index) => {
                let resource = self.nested_resource(&index.object)?;
                let at = self.expr(&index.index);
                Some((resource, Some(at)))
            }
            _ => self.nested_resource(e).map(|resource| (resource, None)),
        }
    }

    /// Where something goes.
    fn target(&mut self, e: &ast::Expr, depth: usize) -> Option<Target> {
        match &e.kind {
            Written::Paren(inner) | Written::NonNull(inner) => self.target(inner, depth),
            Written::Ternary(ternary) => {
                let condition = self.expr(&ternary.condition);
                let then = self.target(&ternary.yes, depth)?;
                let otherwise = self.target(&ternary.no, depth)?;
                Some(Target::Either(Box::new((condition, then, otherwise))))
            }
            Written::Call(call) => {
                let mut args = call.args.iter().map(|e| self.expr(e));
                let (first, second) = (args.next(), args.next());
                Some(match call.name.text.as_str() {
                    "tenant" => Target::Tenant,
                    "managementGroup" => Target::ManagementGroup(first),
                    "subscription" => Target::Subscription(first),
                    "resourceGroup" => match second {
                        Some(_) => Target::ResourceGroup(first, second),
                        None => Target::ResourceGroup(None, first),
                    },
                    _ => {
                        self.problem(e.span, "this is not a scope");
                        return None;
                    }
                })
            }
            Written::Name(name) if matches!(self.names.get(name), Some(Named::Param(_))) => {
                let id = self.expr(e).member("id", false, e.span);
                Some(Target::Id(id))
            }
            // A scope may have a name, and is no value all the same.
            Written::Name(name) if matches!(self.names.get(name), Some(Named::Variable(_))) => {
                let declarations = self.declarations;
                let value = declarations.iter().find_map(|declaration| match &declaration.item {
                    Item::Var(var) if var.name.text == *name => Some(&var.value),
                    _ => None,
                })?;
                // A variable that names itself is said where it is evaluated.
                if depth == 0 { None } else { self.target(value, depth - 1) }
            }
            _ => {
                let (resource, index) = self.indexed(e)?;
                Some(Target::Resource(resource, index))
            }
        }
    }

    pub(super) fn module(&mut self, module: &ast::Module) {
        let content = match &module.path {
            Some(path) => match self.load(path) {
                Some(template) => Content::Template(template),
                None => Content::Unread(path.text.clone()),
            },
            None => Content::Unread(Text::default()),
        };
        let body = &module.body;
        let (each, locals) = self.each(body.each.as_ref());
        let lowered = self.with_locals(&locals, |lower| {
            let scope = lower.scope_of(body);
            if let Content::Template(template) = &content {
                let place = body.object.get("scope").map_or(module.name.span, |p| p.value.span);
                lower.fits_scope(template, scope.as_ref(), place);
            }
            let (params, all_params) = match body.object.get("params") {
                Some(property) => lower.arguments(&property.value),
                // A body that is partly lost may have had them.
                None if body.object.is_broken() => {
                    let value = Self::broken(body.span);
                    let form = ArgumentForm::Plain;
                    (Vec::new(), Some(AllArguments { value, form }))
                }
                None => (Vec::new(), None),
            };
            Module {
                symbol: Some(module.name.text.clone()),
                declared: module.name.span,
                name: body.object.get("name").map(|p| lower.expr(&p.value)),
                each,
                condition: body.condition.as_ref().map(|e| lower.expr(e)),
                scope,
                api_version: None,
                location: None,
                params,
                all_params,
                content,
            }
        });
        self.body.modules.push(lowered);
    }

    /// A module goes to the kind of scope that its template is for.
    fn fits_scope(&mut self, template: &Template, scope: Option<&Target>, place: Span) {
        let there = match scope {
            None => self.template.scope,
            Some(Target::Tenant) => Scope::Tenant,
            Some(Target::ManagementGroup(_)) => Scope::ManagementGroup,
            Some(Target::Subscription(_)) => Scope::Subscription,
            Some(Target::ResourceGroup(..)) => Scope::ResourceGroup,
            // What a resource or an id stands for is seen when it is evaluated.
            Some(Target::Resource(..) | Target::Id(_) | Target::Either(_)) => return,
        };
        if there != template.scope {
            let (wanted, there) = (template.scope.words(), there.words());
            let detail = format!("the module's template is for {wanted}, and it is deployed to {there}");
            self.problem(place, detail);
        }
    }

    fn arguments(&mut self, e: &ast::Expr) -> (Vec<Argument>, Option<AllArguments>) {
        let written_out = match &e.kind {
            Written::Object(object) => object
                .members
                .iter()
                .all(|m| matches!(m, ast::Member::Property(p) if p.key.text().is_some()))
                .then_some(object),
            _ => None,
        };
        let Some(object) = written_out else {
            let value = self.expr(e);
            let form = ArgumentForm::Plain;
            return (Vec::new(), Some(AllArguments { value, form }));
        };
        let params = object
            .properties()
            .filter_map(|property| {
                let ast::Key::Fixed(name) = &property.key else {
                    return None;
                };
                Some(Argument {
                    name: name.text.clone(),
                    name_span: name.span,
                    value: self.expr(&property.value),
                    form: ArgumentForm::Plain,
                })
            })
            .collect();
        (params, None)
    }
}

/// Types whose provider does not look like Azure's belong to an extension.
fn extension_of(ty: &str) -> Option<Text> {
    let provider = ty.split('/').next().unwrap_or_default();
    let foreign = !provider.contains('.') || provider.eq_ignore_ascii_case("Microsoft.Graph");
    (foreign && !provider.is_empty()).then(|| provider.into())
}
