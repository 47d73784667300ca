//! The table of functions, sorted by name in lower case.

use super::call::{Call, Outcome};
use super::lambda::{self, Apply};
use super::{
    cidr, compare, date, encode, environment, format, identity, ids, json, list, number, object, roles, runtime, scope,
    seq, text, uri, zones,
};

/// One function.
#[derive(Debug)]
pub struct Function {
    /// The name as Azure's documentation writes it.
    pub name: &'static str,
    /// Where it lives in Bicep.
    pub namespace: Namespace,
    /// The least number of arguments.
    pub least: usize,
    /// The greatest number of arguments.
    pub most: usize,
    /// How it is computed.
    pub body: Body,
}

/// How a function is computed.
#[derive(Clone, Copy, Debug)]
pub enum Body {
    /// From evaluated arguments.
    Eager(fn(&Call<'_>) -> Outcome),
    /// From evaluated arguments and lambdas that the evaluator runs.
    Lambda {
        /// How many arguments stand before the first lambda.
        before: usize,
        /// The function.
        body: fn(&Call<'_>, usize, &mut Apply<'_>) -> Outcome,
    },
    /// By the evaluator, which decides what arguments are evaluated at all.
    Lazy,
}

/// Where a function lives in Bicep.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Namespace {
    /// `sys`.
    Sys,
    /// `az`.
    Az,
    /// Only in ARM JSON; Bicep writes it as syntax.
    Arm,
}

impl Namespace {
    /// Whether Bicep calls it so.
    #[must_use]
    pub fn matches(self, name: &str) -> bool {
        match self {
            Self::Sys => name.eq_ignore_ascii_case("sys"),
            Self::Az => name.eq_ignore_ascii_case("az"),
            Self::Arm => false,
        }
    }
}

/// The function of a name, without regard to case. The operations `list*` of resource providers have no row each:
/// for them ask [`operation`].
#[must_use]
pub fn lookup(name: &str) -> Option<&'static Function> {
    let lower = |s: &'static str| s.bytes().map(|b| b.to_ascii_lowercase());
    TABLE
        .binary_search_by(|f| lower(f.name).cmp(name.bytes().map(|b| b.to_ascii_lowercase())))
        .ok()
        .and_then(|i| TABLE.get(i))
}

/// The function `list*` for a name of letters that begins with `list`.
#[must_use]
pub fn operation(name: &str) -> Option<&'static Function> {
    let (start, rest) = name.split_at_checked(4)?;
    let fits = start.eq_ignore_ascii_case("list") && !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_alphabetic());
    fits.then(|| lookup("list*")).flatten()
}

/// All functions, sorted by name in lower case.
#[must_use]
pub fn all() -> &'static [Function] {
    TABLE
}

const MANY: usize = usize::MAX;

const fn row(name: &'static str, namespace: Namespace, least: usize, most: usize, body: Body) -> Function {
    Function { name, namespace, least, most, body }
}

const fn lambda(before: usize, body: fn(&Call<'_>, usize, &mut Apply<'_>) -> Outcome) -> Body {
    Body::Lambda { before, body }
}

use Body::{Eager, Lazy};
use Namespace::{Arm, Az, Sys};

#[rustfmt::skip]
static TABLE: &[Function] = &[
    row("add", Arm, 2, 2, Eager(number::add)),
    row("and", Arm, 2, MANY, Lazy),
    row("any", Sys, 1, 1, Eager(number::any)),
    row("array", Sys, 1, 1, Eager(list::array)),
    row("base64", Sys, 1, 1, Eager(encode::base64)),
    row("base64ToJson", Sys, 1, 1, Eager(encode::base64_to_json)),
    row("base64ToString", Sys, 1, 1, Eager(encode::base64_to_string)),
    row("bool", Sys, 1, 1, Eager(number::boolean)),
    row("buildUri", Sys, 1, 1, Eager(uri::build)),
    row("cidrHost", Sys, 2, 2, Eager(cidr::host)),
    row("cidrSubnet", Sys, 3, 3, Eager(cidr::subnet)),
    row("coalesce", Arm, 1, MANY, Lazy),
    row("concat", Sys, 1, MANY, Eager(text::concat)),
    row("contains", Sys, 2, 2, Eager(seq::contains)),
    row("copyIndex", Arm, 0, 2, Lazy),
    row("createArray", Arm, 0, MANY, Eager(list::create_array)),
    row("createObject", Arm, 0, MANY, Eager(object::create_object)),
    row("dataUri", Sys, 1, 1, Eager(encode::data_uri)),
    row("dataUriToString", Sys, 1, 1, Eager(encode::data_uri_to_string)),
    row("dateTimeAdd", Sys, 2, 3, Eager(date::add)),
    row("dateTimeFromEpoch", Sys, 1, 1, Eager(date::from_epoch)),
    row("dateTimeToEpoch", Sys, 1, 1, Eager(date::to_epoch)),
    row("deployer", Az, 0, 0, Eager(scope::deployer)),
    row("deployment", Az, 0, 0, Eager(scope::deployment)),
    row("distinct", Sys, 1, 1, Eager(list::distinct)),
    row("div", Arm, 2, 2, Eager(number::div)),
    row("empty", Sys, 1, 1, Eager(seq::empty)),
    row("endsWith", Sys, 2, 2, Eager(text::ends_with)),
    row("environment", Az, 0, 0, Eager(environment::environment)),
    row("equals", Arm, 2, 2, Eager(compare::equals)),
    row("extensionResourceId", Az, 3, MANY, Eager(ids::extension_resource_id)),
    row("externalInput", Sys, 1, 2, Eager(runtime::external_input)),
    row("externalInputs", Arm, 1, 1, Eager(runtime::external_input)),
    row("fail", Sys, 1, 1, Eager(number::fail)),
    row("false", Arm, 0, 0, Eager(compare::no)),
    row("filter", Sys, 2, 2, lambda(1, lambda::filter)),
    row("first", Sys, 1, 1, Eager(seq::first)),
    row("flatten", Sys, 1, 1, Eager(seq::flatten)),
    row("float", Arm, 1, 1, Eager(number::float)),
    row("format", Sys, 1, MANY, Eager(format::format)),
    row("getSecret", Az, 4, 5, Eager(runtime::get_secret)),
    row("greater", Arm, 2, 2, Eager(compare::greater)),
    row("greaterOrEquals", Arm, 2, 2, Eager(compare::greater_or_equals)),
    row("groupBy", Sys, 2, 3, lambda(1, lambda::group_by)),
    row("guid", Sys, 1, MANY, Eager(identity::guid)),
    row("if", Arm, 3, 3, Lazy),
    row("indexFromEnd", Arm, 2, 2, Lazy),
    row("indexOf", Sys, 2, 2, Eager(seq::index_of)),
    row("int", Sys, 1, 1, Eager(number::int)),
    row("intersection", Sys, 2, MANY, Eager(list::intersection)),
    row("items", Sys, 1, 1, Eager(object::items)),
    row("join", Sys, 2, 2, Eager(text::join)),
    row("json", Sys, 1, 1, Eager(json::json)),
    row("lambda", Arm, 1, MANY, Lazy),
    row("lambdaVariables", Arm, 1, 1, Lazy),
    row("last", Sys, 1, 1, Eager(seq::last)),
    row("lastIndexOf", Sys, 2, 2, Eager(seq::last_index_of)),
    row("length", Sys, 1, 1, Eager(seq::length)),
    row("less", Arm, 2, 2, Eager(compare::less)),
    row("lessOrEquals", Arm, 2, 2, Eager(compare::less_or_equals)),
    row("list*", Az, 1, 3, Eager(runtime::list_operation)),
    row("loadDirectoryFileInfo", Sys, 1, 2, Lazy),
    row("loadFileAsBase64", Sys, 1, 1, Lazy),
    row("loadJsonContent", Sys, 1, 3, Lazy),
    row("loadTextContent", Sys, 1, 2, Lazy),
    row("loadYamlContent", Sys, 1, 3, Lazy),
    row("managementGroup", Az, 0, 1, Eager(scope::management_group)),
    row("managementGroupResourceId", Az, 2, MANY, Eager(ids::management_group_resource_id)),
    row("map", Sys, 2, 2, lambda(1, lambda::map)),
    row("mapValues", Sys, 2, 2, lambda(1, lambda::map_values)),
    row("max", Sys, 1, MANY, Eager(number::max)),
    row("min", Sys, 1, MANY, Eager(number::min)),
    row("mod", Arm, 2, 2, Eager(number::rem)),
    row("mul", Arm, 2, 2, Eager(number::mul)),
    row("nameof", Sys, 1, 1, Lazy),
    row("newGuid", Sys, 0, 0, Eager(identity::new_guid)),
    row("not", Arm, 1, 1, Eager(compare::not)),
    row("null", Arm, 0, 0, Eager(compare::null)),
    row("objectKeys", Sys, 1, 1, Eager(object::object_keys)),
    row("or", Arm, 2, MANY, Lazy),
    row("padLeft", Sys, 2, 3, Eager(text::pad_left)),
    row("parameters", Arm, 1, 1, Lazy),
    row("parseCidr", Sys, 1, 1, Eager(cidr::parse)),
    row("parseUri", Sys, 1, 1, Eager(uri::parse)),
    row("pickZones", Az, 3, 5, Eager(zones::pick_zones)),
    row("providers", Az, 1, 2, Eager(runtime::providers)),
    row("range", Sys, 2, 2, Eager(seq::range)),
    row("readCliArg", Sys, 1, 1, Eager(runtime::read_cli_arg)),
    row("readEnvironmentVariable", Sys, 1, 2, Eager(runtime::read_environment_variable)),
    row("readEnvVar", Sys, 1, 1, Eager(runtime::read_environment_variable)),
    row("reduce", Sys, 3, 3, lambda(2, lambda::reduce)),
    row("reference", Az, 1, 3, Eager(runtime::reference)),
    row("references", Arm, 1, 2, Eager(runtime::references)),
    row("replace", Sys, 3, 3, Eager(text::replace)),
    row("resourceGroup", Az, 0, 2, Eager(scope::resource_group)),
    row("resourceId", Az, 2, MANY, Eager(ids::resource_id)),
    row("resourceInfo", Arm, 1, 1, Lazy),
    row("roleDefinitions", Az, 1, 1, Eager(roles::role_definitions)),
    row("shallowMerge", Sys, 1, 1, Eager(object::shallow_merge)),
    row("skip", Sys, 2, 2, Eager(seq::skip)),
    row("sort", Sys, 2, 2, lambda(1, lambda::sort)),
    row("split", Sys, 2, 2, Eager(text::split)),
    row("startsWith", Sys, 2, 2, Eager(text::starts_with)),
    row("string", Sys, 1, 1, Eager(text::string)),
    row("sub", Arm, 2, 2, Eager(number::sub)),
    row("subscription", Az, 0, 1, Eager(scope::subscription)),
    row("subscriptionResourceId", Az, 2, MANY, Eager(ids::subscription_resource_id)),
    row("substring", Sys, 2, 3, Eager(text::substring)),
    row("take", Sys, 2, 2, Eager(seq::take)),
    row("tenant", Az, 0, 0, Eager(scope::tenant)),
    row("tenantResourceId", Az, 2, MANY, Eager(ids::tenant_resource_id)),
    row("toLogicalZone", Az, 3, 3, Eager(runtime::zone_mapping)),
    row("toLogicalZones", Az, 3, 3, Eager(runtime::zone_mapping)),
    row("toLower", Sys, 1, 1, Eager(text::to_lower)),
    row("toObject", Sys, 2, 3, lambda(1, lambda::to_object)),
    row("toPhysicalZone", Az, 3, 3, Eager(runtime::zone_mapping)),
    row("toPhysicalZones", Az, 3, 3, Eager(runtime::zone_mapping)),
    row("toUpper", Sys, 1, 1, Eager(text::to_upper)),
    row("trim", Sys, 1, 1, Eager(text::trim)),
    row("true", Arm, 0, 0, Eager(compare::yes)),
    row("tryGet", Arm, 2, MANY, Lazy),
    row("tryIndexFromEnd", Arm, 2, MANY, Lazy),
    row("union", Sys, 1, MANY, Eager(list::union)),
    row("uniqueString", Sys, 1, MANY, Eager(identity::unique_string)),
    row("uri", Sys, 2, 2, Eager(uri::uri)),
    row("uriComponent", Sys, 1, 1, Eager(encode::uri_component)),
    row("uriComponentToString", Sys, 1, 1, Eager(encode::uri_component_to_string)),
    row("utcNow", Sys, 0, 1, Eager(date::utc_now)),
    row("variables", Arm, 1, 1, Lazy),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        for pair in TABLE.windows(2) {
            assert!(
                pair[0].name.to_ascii_lowercase() < pair[1].name.to_ascii_lowercase(),
                "{} stands before {}",
                pair[0].name,
                pair[1].name
            );
        }
        assert!(lookup("TOLOWER").is_some());
        assert!(lookup("tolowerx").is_none());
        assert!(lookup("listKeys").is_none());
        assert!(operation("listkeys").is_some());
        assert!(operation("list").is_none());
        assert!(operation("list*").is_none());
    }
}
