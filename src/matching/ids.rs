//! Names of seekers and nodes, and their positions inside one instance.
//!
//! Names are strings that the caller chooses (a pseudonym in hex, a uuid, a si/gun code). This file
//! knows nothing of what they mean; the order of names is the order of their bytes.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name as it was given.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(name: &str) -> Self {
                Self(Arc::from(name))
            }
        }

        impl From<String> for $name {
            fn from(name: String) -> Self {
                Self(Arc::from(name))
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id! {
    /// The name of a seeker. In the service it is the pseudonym in lower-case hex, so that the byte
    /// order of names is the byte order of pseudonyms. Cheap to clone.
    SeekerId
}

id! {
    /// The name of a node of the tree of caps; a node without children is a quota. Cheap to clone.
    NodeId
}

/// Position of a seeker in an instance. Seekers are sorted by name, so the order of positions is
/// the byte order of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct SeekerIx(pub(super) usize);

/// Position of a node in an instance, or of a reserve leaf behind the nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct NodeIx(pub(super) usize);
