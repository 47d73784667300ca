//! `environment()`: the endpoints of the clouds, as `az cloud show` gives them (2026-08).

use super::call::{Call, Outcome};
use crate::resolve::context::Cloud;
use crate::source::Span;
use crate::tree::{Entry, Value};

struct Endpoints {
    name: &'static str,
    gallery: &'static str,
    graph: &'static str,
    portal: &'static str,
    media: &'static str,
    data_lake: &'static str,
    batch: &'static str,
    sql_management: &'static str,
    resource_manager: &'static str,
    login: &'static str,
    audiences: [&'static str; 2],
    registry: &'static str,
    lake_analytics: &'static str,
    lake_store: &'static str,
    front_door: &'static str,
    vault: &'static str,
    sql: &'static str,
    storage: &'static str,
}

const PUBLIC: Endpoints = Endpoints {
    name: "AzureCloud",
    gallery: "https://gallery.azure.com/",
    graph: "https://graph.windows.net/",
    portal: "https://portal.azure.com",
    media: "https://rest.media.azure.net",
    data_lake: "https://datalake.azure.net/",
    batch: "https://batch.core.windows.net/",
    sql_management: "https://management.core.windows.net:8443/",
    resource_manager: "https://management.azure.com/",
    login: "https://login.microsoftonline.com/",
    audiences: ["https://management.core.windows.net/", "https://management.azure.com/"],
    registry: ".azurecr.io",
    lake_analytics: "azuredatalakeanalytics.net",
    lake_store: "azuredatalakestore.net",
    front_door: "azurefd.net",
    vault: ".vault.azure.net",
    sql: ".database.windows.net",
    storage: "core.windows.net",
};

const US_GOVERNMENT: Endpoints = Endpoints {
    name: "AzureUSGovernment",
    gallery: "https://gallery.usgovcloudapi.net/",
    portal: "https://portal.azure.us",
    media: "https://rest.media.usgovcloudapi.net",
    batch: "https://batch.core.usgovcloudapi.net",
    sql_management: "https://management.core.usgovcloudapi.net:8443/",
    resource_manager: "https://management.usgovcloudapi.net/",
    login: "https://login.microsoftonline.us/",
    audiences: ["https://management.core.usgovcloudapi.net", "https://management.usgovcloudapi.net"],
    registry: ".azurecr.us",
    front_door: "azurefd.us",
    vault: ".vault.usgovcloudapi.net",
    sql: ".database.usgovcloudapi.net",
    storage: "core.usgovcloudapi.net",
    ..PUBLIC
};

const CHINA: Endpoints = Endpoints {
    name: "AzureChinaCloud",
    gallery: "https://gallery.chinacloudapi.cn/",
    graph: "https://graph.chinacloudapi.cn/",
    portal: "https://portal.azure.cn",
    media: "https://rest.media.chinacloudapi.cn",
    batch: "https://batch.chinacloudapi.cn",
    sql_management: "https://management.core.chinacloudapi.cn:8443/",
    resource_manager: "https://management.chinacloudapi.cn/",
    login: "https://login.chinacloudapi.cn/",
    audiences: ["https://management.core.chinacloudapi.cn", "https://management.chinacloudapi.cn"],
    registry: ".azurecr.cn",
    front_door: "azurefd.cn",
    vault: ".vault.azure.cn",
    sql: ".database.chinacloudapi.cn",
    storage: "core.chinacloudapi.cn",
    ..PUBLIC
};

pub fn environment(call: &Call<'_>) -> Outcome {
    let cloud = match call.cx.cloud {
        Cloud::Public => PUBLIC,
        Cloud::UsGovernment => US_GOVERNMENT,
        Cloud::China => CHINA,
    };
    let text = |key: &str, value: &str| Entry::new(key, Span::NONE, call.string(value));
    let group = |key: &str, value: Value| Entry::new(key, Span::NONE, value);
    let audiences = cloud.audiences.map(|a| call.string(a)).to_vec();
    let authentication = call.entries(vec![
        text("loginEndpoint", cloud.login),
        group("audiences", call.items(audiences)?),
        text("tenant", "common"),
        text("identityProvider", "AAD"),
    ])?;
    let suffixes = call.entries(vec![
        text("acrLoginServer", cloud.registry),
        text("azureDatalakeAnalyticsCatalogAndJob", cloud.lake_analytics),
        text("azureDatalakeStoreFileSystem", cloud.lake_store),
        text("azureFrontDoorEndpointSuffix", cloud.front_door),
        text("keyvaultDns", cloud.vault),
        text("sqlServerHostname", cloud.sql),
        text("storage", cloud.storage),
    ])?;
    call.entries(vec![
        text("name", cloud.name),
        text("gallery", cloud.gallery),
        text("graph", cloud.graph),
        text("portal", cloud.portal),
        text("graphAudience", cloud.graph),
        text("activeDirectoryDataLake", cloud.data_lake),
        text("batch", cloud.batch),
        text("media", cloud.media),
        text("sqlManagement", cloud.sql_management),
        text(
            "vmImageAliasDoc",
            "https://raw.githubusercontent.com/Azure/azure-rest-api-specs/master/arm-compute/quickstart-templates/aliases.json",
        ),
        text("resourceManager", cloud.resource_manager),
        group("authentication", authentication),
        group("suffixes", suffixes),
    ])
}
