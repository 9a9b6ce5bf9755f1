//! The names and kinds of fields, as data: so that a misspelt one can be found before it is sent.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, bail};
use heck::ToShoutySnakeCase as _;
use quote::format_ident;
use serde_json::Value;
use syn::parse_quote;

/// The types with a table of fields, including the types inside them.
const ROOTS: &[&str] = &["ClientRepresentation"];

/// `pub mod fields`, with one static for each type.
pub(crate) fn module(document: &Value) -> Result<syn::Item> {
    let mut statics = Vec::new();
    for name in reachable(document)? {
        let schema = schema(document, &name)?;
        statics.push(representation(document, &name, schema).with_context(|| format!("schema {name}"))?);
    }
    Ok(parse_quote! {
        /// The fields of the types.
        pub mod fields {
            use crate::fields::{Field, Kind, Representation};
            #(#statics)*
        }
    })
}

/// The roots and every type with properties that one of them leads to, by name.
fn reachable(document: &Value) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let mut open: Vec<String> = ROOTS.iter().map(|name| (*name).to_owned()).collect();
    while let Some(name) = open.pop() {
        let schema = schema(document, &name)?;
        if schema.get("properties").is_some() && found.insert(name) {
            collect_references(schema, &mut open);
        }
    }
    Ok(found)
}

fn collect_references(node: &Value, names: &mut Vec<String>) {
    match node {
        Value::Object(members) => {
            names.extend(members.get("$ref").and_then(referenced).map(ToOwned::to_owned));
            members.values().for_each(|member| collect_references(member, names));
        }
        Value::Array(items) => items.iter().for_each(|item| collect_references(item, names)),
        _ => {}
    }
}

fn representation(document: &Value, name: &str, schema: &Value) -> Result<syn::Item> {
    let properties = schema.get("properties").and_then(Value::as_object).context("has no properties")?;
    let mut fields: Vec<syn::Expr> = Vec::new();
    for (field, schema) in properties {
        let kind = kind(document, schema).with_context(|| format!("property {field}"))?;
        fields.push(parse_quote! { Field { name: #field, kind: #kind } });
    }
    let ident = ident(name);
    Ok(parse_quote! {
        pub static #ident: Representation = Representation { name: #name, fields: &[#(#fields),*] };
    })
}

fn kind(document: &Value, node: &Value) -> Result<syn::Expr> {
    if let Some(name) = node.get("$ref").or_else(|| node.pointer("/allOf/0/$ref")).and_then(referenced) {
        let target = schema(document, name)?;
        if target.get("properties").is_none() {
            return kind(document, target);
        }
        let ident = ident(name);
        return Ok(parse_quote! { Kind::Object(&#ident) });
    }
    let text = |key: &str| node.get(key).and_then(Value::as_str);
    Ok(match (text("type"), text("format")) {
        (Some("boolean"), _) => parse_quote! { Kind::Boolean },
        (Some("string"), _) => parse_quote! { Kind::Text },
        (Some("integer"), Some("int32")) => parse_quote! { Kind::Int32 },
        (Some("integer"), Some("int64")) => parse_quote! { Kind::Int64 },
        (Some("array"), _) => {
            let items = kind(document, node.get("items").context("an array without `items`")?)?;
            parse_quote! { Kind::List(&#items) }
        }
        (Some("object"), _) => match node.get("additionalProperties") {
            Some(values) => {
                let values = kind(document, values)?;
                parse_quote! { Kind::Map(&#values) }
            }
            None => parse_quote! { Kind::Any },
        },
        (None, _) if node.as_object().is_some_and(serde_json::Map::is_empty) => parse_quote! { Kind::Any },
        (kind, format) => {
            bail!("no kind for the type {kind:?} of the format {format:?}: add it to crate::fields::Kind")
        }
    })
}

fn schema<'a>(document: &'a Value, name: &str) -> Result<&'a Value> {
    document
        .pointer(&format!("/components/schemas/{name}"))
        .with_context(|| format!("the document has no schema `{name}`"))
}

fn referenced(reference: &Value) -> Option<&str> {
    reference.as_str()?.strip_prefix("#/components/schemas/")
}

fn ident(name: &str) -> syn::Ident {
    format_ident!("{}", name.to_shouty_snake_case())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rendered(properties: &Value) -> Result<String> {
        let document = json!({"components": {"schemas": {
            "ClientRepresentation": {"properties": properties},
            "Inner": {"properties": {"again": {"$ref": "#/components/schemas/Inner"}}},
            "Choice": {"type": "string", "enum": ["A"]},
            "Elsewhere": {"properties": {}},
        }}});
        let file = syn::File { shebang: None, attrs: Vec::new(), items: vec![module(&document)?] };
        let source = prettyplease::unparse(&file);
        Ok(source.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn every_kind_of_the_document_has_a_kind() {
        let source = rendered(&json!({
            "flag": {"type": "boolean"},
            "count": {"type": "integer", "format": "int32"},
            "text": {"type": "string", "format": "password"},
            "choice": {"$ref": "#/components/schemas/Choice"},
            "names": {"type": "array", "items": {"type": "string"}},
            "map": {"type": "object", "additionalProperties": {"type": "array", "items": {}}},
            "owner": {"type": "object", "allOf": [{"$ref": "#/components/schemas/Inner"}], "readOnly": true},
        }))
        .unwrap();
        for (name, kind) in [
            ("flag", "Kind::Boolean"),
            ("count", "Kind::Int32"),
            ("text", "Kind::Text"),
            ("choice", "Kind::Text"),
            ("names", "Kind::List(&Kind::Text)"),
            ("map", "Kind::Map(&Kind::List(&Kind::Any))"),
            ("owner", "Kind::Object(&INNER)"),
        ] {
            assert!(source.contains(&format!("name: \"{name}\", kind: {kind}")), "{name} in {source}");
        }
        assert!(source.contains("pub static INNER: "), "what lies inside is written too: {source}");
        assert!(!source.contains("ELSEWHERE") && !source.contains("CHOICE"), "{source}");
    }

    #[test]
    fn a_type_without_a_kind_and_a_reference_to_nothing_fail() {
        let error = format!("{:#}", rendered(&json!({"x": {"type": "number"}})).unwrap_err());
        assert!(error.contains("schema ClientRepresentation: property x: no kind for the type"), "{error}");
        let lost = json!({"x": {"$ref": "#/components/schemas/Lost"}});
        let error = format!("{:#}", rendered(&lost).unwrap_err());
        assert!(error.contains("no schema `Lost`"), "{error}");
    }
}
