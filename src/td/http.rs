//! An HTTP request to TD, as a value.

/// An HTTP request to TD, without the host and the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The service of TD.
    pub service: Service,
    /// The HTTP method.
    pub method: Method,
    /// Percent-encoded path and query, starting with `/v3` or `/api`.
    pub target: String,
    /// The body.
    pub body: Body,
    /// The description of the call: `list the tables of "db"`.
    pub action: String,
    /// Whether a repeat does no harm.
    pub repeatable: bool,
}

/// A service of TD with its own host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// Databases, tables, jobs, bulk import.
    Api,
    /// Workflows.
    Workflow,
}

/// An HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
    /// PUT.
    Put,
}

/// The body of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Nothing.
    None,
    /// Form-urlencoded parameters.
    Form(String),
    /// A JSON document.
    Json(String),
    /// Bytes that are passed separately from the call.
    Raw,
}

impl Body {
    /// The media type.
    pub fn content_type(&self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Form(_) => Some("application/x-www-form-urlencoded"),
            Self::Json(_) => Some("application/json"),
            Self::Raw => Some("application/octet-stream"),
        }
    }
}
