//! The fields of the representations, and the kind of each field. The types themselves do not show this at
//! run time, because they keep unknown fields in `extra`.
//!
//! ```
//! use keycloak_admin_api::fields::{CLIENT_REPRESENTATION, Kind};
//!
//! let mappers = CLIENT_REPRESENTATION.field("protocolMappers").unwrap();
//! let Kind::List(Kind::Object(mapper)) = mappers.kind else { unreachable!() };
//! assert_eq!(mapper.name, "ProtocolMapperRepresentation");
//! assert!(mapper.field("protocolMaper").is_none());
//! ```
//!
//! There is one static for `ClientRepresentation` and one for each type that it contains.

pub use crate::generated::fields::*;

/// A type of the API. The only values are the statics of this module.
///
/// # Examples
///
/// ```
/// use keycloak_admin_api::fields::CLIENT_REPRESENTATION;
///
/// let names: Vec<&str> = CLIENT_REPRESENTATION.fields.iter().map(|field| field.name).collect();
/// assert!(names.contains(&"redirectUris"));
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub struct Representation {
    /// The type's name in the OpenAPI document, such as `ClientRepresentation`.
    pub name: &'static str,
    /// The type's fields, in the order of the OpenAPI document.
    pub fields: &'static [Field],
}

impl Representation {
    /// The field with this name, which is case-sensitive.
    ///
    /// # Examples
    ///
    /// ```
    /// use keycloak_admin_api::fields::CLIENT_REPRESENTATION;
    ///
    /// assert!(CLIENT_REPRESENTATION.field("clientId").is_some());
    /// assert!(CLIENT_REPRESENTATION.field("clientid").is_none());
    /// ```
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// A field of a [`Representation`].
///
/// # Examples
///
/// ```
/// use keycloak_admin_api::fields::{CLIENT_REPRESENTATION, Kind};
///
/// let field = CLIENT_REPRESENTATION.field("enabled").unwrap();
/// assert!(matches!(field.kind, Kind::Boolean));
/// ```
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Field {
    /// The field's JSON name.
    pub name: &'static str,
    /// What the field contains.
    pub kind: Kind,
}

/// What a field contains. Enumerations are text, because a newer server may add values.
///
/// # Examples
///
/// ```
/// use keycloak_admin_api::fields::Kind;
///
/// fn article(kind: Kind) -> &'static str {
///     match kind {
///         Kind::List(_) => "a list",
///         Kind::Map(_) | Kind::Object(_) => "an object",
///         _ => "a single value",
///     }
/// }
/// ```
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Kind {
    /// Any JSON value.
    Any,
    /// `true` or `false`.
    Boolean,
    /// A 32-bit integer.
    Int32,
    /// A 64-bit integer.
    Int64,
    /// A string.
    Text,
    /// An array.
    List(&'static Kind),
    /// An object with arbitrary keys.
    Map(&'static Kind),
    /// An object of this type.
    Object(&'static Representation),
}

impl std::fmt::Debug for Kind {
    /// Prints a type only by its name, because some types contain themselves.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Any => f.write_str("Any"),
            Self::Boolean => f.write_str("Boolean"),
            Self::Int32 => f.write_str("Int32"),
            Self::Int64 => f.write_str("Int64"),
            Self::Text => f.write_str("Text"),
            Self::List(kind) => f.debug_tuple("List").field(kind).finish(),
            Self::Map(kind) => f.debug_tuple("Map").field(kind).finish(),
            Self::Object(of) => f.debug_tuple("Object").field(&of.name).finish(),
        }
    }
}
