//! Which fields the representations have, and of what kind: what the types themselves do not tell
//! at run time, because a field that they do not know is kept in `extra`.
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
//! There is one static for `ClientRepresentation` and one for each type that lies inside it.

pub use crate::generated::fields::*;

/// A type of the API. The statics of this module are the only ones.
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
    /// Its name in the document, such as `ClientRepresentation`.
    pub name: &'static str,
    /// Its fields, in the document's order.
    pub fields: &'static [Field],
}

impl Representation {
    /// The field of this name, which is case-sensitive.
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
    /// Its name in JSON.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
}

/// What a field holds. An enumeration is text: a newer server may know more of its values.
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
    /// Anything.
    Any,
    /// `true` or `false`.
    Boolean,
    /// An integer of 32 bits.
    Int32,
    /// An integer of 64 bits.
    Int64,
    /// A string.
    Text,
    /// An array.
    List(&'static Kind),
    /// An object whose keys are free.
    Map(&'static Kind),
    /// An object of a type of its own.
    Object(&'static Representation),
}

impl std::fmt::Debug for Kind {
    /// A type only by its name: some hold themselves.
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
