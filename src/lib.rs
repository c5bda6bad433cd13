//! `musiman` places the registered job seekers of Kabupaten Bekasi to Korean seasonal quotas.
//! The map of the rooms is in ARCHITECTURE.md.

pub mod acts;
pub mod api;
pub mod cli;
pub mod clock;
pub mod config;
pub mod db;
pub mod domain;
pub mod jobs;
pub mod matching;
pub mod outside;
pub mod password;
pub mod render;
pub mod seal;
pub mod texts;
pub mod totp;
