//! Where a resource goes, and the resource ids that follow from it.

use crate::resolve::context::{Context, Scope};
use crate::resolve::functions;
use crate::source::Span;
use crate::tree::Value;

use super::text;

/// Where a resource goes.
#[derive(Clone, Debug)]
pub enum Destination {
    /// The tenant.
    Tenant,
    /// A management group, by its name.
    ManagementGroup(Value),
    /// A subscription, by its id.
    Subscription(Value),
    /// A resource group, by its subscription's id and its name.
    ResourceGroup(Value, Value),
    /// A resource that it extends, by its id.
    Resource(Value),
}

impl Destination {
    /// Where a deployment with this context goes.
    #[must_use]
    pub fn of(context: &Context) -> Self {
        match context.scope {
            Scope::Tenant => Self::Tenant,
            Scope::ManagementGroup => {
                Self::ManagementGroup(Context::part(context.management_group.as_ref(), "managementGroup", Span::NONE))
            }
            Scope::Subscription => Self::Subscription(subscription(context)),
            Scope::ResourceGroup => Self::ResourceGroup(
                subscription(context),
                Context::part(context.resource_group.as_ref(), "resourceGroup", Span::NONE),
            ),
        }
    }

    /// The kind of scope; that of the extended resource counts as a resource group.
    #[must_use]
    pub fn scope(&self) -> Scope {
        match self {
            Self::Tenant => Scope::Tenant,
            Self::ManagementGroup(_) => Scope::ManagementGroup,
            Self::Subscription(_) => Scope::Subscription,
            Self::ResourceGroup(..) | Self::Resource(_) => Scope::ResourceGroup,
        }
    }

    /// What stands before `/providers/` in the ids of its resources, as pieces of text.
    fn prefix(&self) -> Vec<Value> {
        let text = |text: &str| Value::string(text, Span::NONE);
        match self {
            Self::Tenant => Vec::new(),
            Self::ManagementGroup(name) => {
                vec![text("/providers/Microsoft.Management/managementGroups/"), name.clone()]
            }
            Self::Subscription(id) => vec![text("/subscriptions/"), id.clone()],
            Self::ResourceGroup(subscription, name) => {
                vec![text("/subscriptions/"), subscription.clone(), text("/resourceGroups/"), name.clone()]
            }
            // As `extensionResourceId` does it.
            Self::Resource(id) => vec![match id.as_str() {
                Some(text) if text.ends_with('/') => Value::string(text.trim_end_matches('/'), id.span),
                _ => id.clone(),
            }],
        }
    }

    /// Its own id; empty for the tenant.
    #[must_use]
    pub fn id(&self, site: Span, context: &Context) -> Value {
        compose(&self.prefix(), site, context)
    }

    /// The id of a resource in it, by its full type and full name.
    #[must_use]
    pub fn resource_id(&self, ty: &str, name: &Value, site: Span, context: &Context) -> Value {
        let text = |text: String| Value::string(text, Span::NONE);
        let mut pieces = self.prefix();
        let names = text::split(name, '/');
        let mut types = ty.split('/');
        let provider = types.next().unwrap_or_default();
        if ty.eq_ignore_ascii_case("Microsoft.Resources/resourceGroups") {
            pieces.push(text("/resourceGroups/".to_owned()));
            pieces.push(name.clone());
            return compose(&pieces, site, context);
        }
        pieces.push(text(format!("/providers/{provider}")));
        let types: Vec<&str> = types.collect();
        // Names that were not split as far as their types go (an unknown one may hold several) end the id.
        for (i, ty) in types.iter().enumerate() {
            pieces.push(text(format!("/{ty}/")));
            let last = i + 1 == types.len();
            match names.get(i) {
                Some(_) if last && names.len() > types.len() => {
                    for (j, name) in names.iter().skip(i).enumerate() {
                        if j > 0 {
                            pieces.push(text("/".to_owned()));
                        }
                        pieces.push(name.clone());
                    }
                }
                Some(name) => pieces.push(name.clone()),
                None => pieces.push(super::eval::failed(name.span)),
            }
        }
        compose(&pieces, site, context)
    }
}

fn subscription(context: &Context) -> Value {
    Context::part(context.subscription.as_ref(), "subscription", Span::NONE)
}

fn compose(pieces: &[Value], site: Span, context: &Context) -> Value {
    functions::interpolate(pieces, site, context).unwrap_or_else(|_| Value::unknown(Context::missing("id"), site))
}
