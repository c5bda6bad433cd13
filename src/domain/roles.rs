//! Who a caller is to the programme (domain.md, section 9: what law lets each do).
//! Must not know: tokens, accounts.

crate::words!(
    /// `Lead` is an officer of the labour office who also opens seasons, publishes and keeps accounts.
    Role {
        Office = "office",
        Lead = "lead",
        Kadin = "kadin",
        Partner = "partner",
        Seeker = "seeker",
    }
);
