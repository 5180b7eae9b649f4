//! The applet dialect, as a mini program meets it.

mod login;
