//! From the patched document to Rust source.

use anyhow::{Context as _, Result, anyhow, bail};
use heck::ToPascalCase as _;
use progenitor_impl::{
    GenerationSettings, Generator, HooksMode, InterfaceStyle, TagStyle, TypeImpl, TypePatch,
};
use schemars::schema::{InstanceType, SchemaObject};
use serde_json::Value;

use crate::fields;

/// Renders the document as the source of the client.
pub(crate) fn render(document: &Value) -> Result<String> {
    let api: openapiv3::OpenAPI =
        serde_json::from_value(document.clone()).context("the patched document is not OpenAPI 3.0")?;
    let tokens = Generator::new(&settings(document))
        .generate_tokens(&api)
        .map_err(|error| anyhow!("progenitor refuses the patched document: {error}"))?;
    let mut file: syn::File = syn::parse2(tokens).context("what progenitor generated is not Rust")?;
    encode_paths_ourselves(&mut file)?;
    file.items.push(fields::module(document)?);
    Ok(prettyplease::unparse(&file))
}

/// Methods with positional arguments: 82,000 lines with builders, 25,000 without, and no user of
/// the product calls them.
fn settings(document: &Value) -> GenerationSettings {
    let mut settings = GenerationSettings::new();
    settings
        .with_interface(InterfaceStyle::Positional)
        .with_tag(TagStyle::Merged)
        .with_hooks(HooksMode::Expected)
        .with_inner_type(quote::quote! { crate::RequestContext })
        // Sorted, so that the same value is always the same bytes on the wire.
        .with_map_type("::std::collections::BTreeMap");
    for (format, rust_type) in CONVERSIONS {
        let schema = SchemaObject {
            instance_type: Some(InstanceType::String.into()),
            format: Some((*format).to_owned()),
            ..SchemaObject::default()
        };
        settings.with_conversion(schema, rust_type, std::iter::empty::<TypeImpl>());
    }
    // A flattened map takes the derived `Default` away, and a type with 60 optional fields is not
    // to be written without it.
    for name in types_with_extra_fields(document) {
        settings.with_patch(name, TypePatch::default().with_derive("Default"));
    }
    settings
}

/// The string formats that `specs/patches.toml` puts in, and the hand-written types they stand for.
const CONVERSIONS: &[(&str, &str)] = &[
    ("path-segment", "crate::PathSegment"),
    ("password", "crate::Secret"),
    ("unknown-field", "crate::UnknownField"),
];

fn types_with_extra_fields(document: &Value) -> Vec<String> {
    let schemas = document.pointer("/components/schemas").and_then(Value::as_object);
    schemas
        .into_iter()
        .flatten()
        .filter(|(_, schema)| {
            schema.get("properties").is_some() && schema.get("additionalProperties").is_some()
        })
        .map(|(name, _)| name.to_pascal_case())
        .collect()
}

/// Lets the client use this project's `encode_path`: progenitor's own leaves `\` (a separator, to
/// every URL parser) and `;` (parameters, to a Java server) as they are.
fn encode_paths_ourselves(file: &mut syn::File) -> Result<()> {
    let replaced = file
        .items
        .iter_mut()
        .filter_map(|item| match item {
            syn::Item::Use(item) => Some(&mut item.tree),
            _ => None,
        })
        .map(|tree| remove_import(tree, "progenitor_client", "encode_path"))
        .filter(|removed| *removed)
        .count();
    if replaced != 1 {
        bail!(
            "expected one import of progenitor_client::encode_path in what progenitor generated, found {replaced}"
        );
    }
    file.items.insert(0, syn::parse_quote! { use crate::path_segment::encode_path; });
    Ok(())
}

/// Takes `name` out of `use module::{…}`; whether it was there.
fn remove_import(tree: &mut syn::UseTree, module: &str, name: &str) -> bool {
    let syn::UseTree::Path(path) = tree else {
        return false;
    };
    let syn::UseTree::Group(group) = &mut *path.tree else {
        return false;
    };
    if path.ident != module {
        return false;
    }
    let before = group.items.len();
    group.items = std::mem::take(&mut group.items)
        .into_iter()
        .filter(|item| !matches!(item, syn::UseTree::Name(import) if import.ident == name))
        .collect();
    group.items.len() < before
}
