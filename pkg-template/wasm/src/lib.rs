//! The wasm artifact of the npm package.
//!
//! The crate `valetkey` is `no_std` and leaves two things to whoever makes the artifact: what a panic does, and where
//! memory comes from. Here, and only here, both are chosen for size: a panic traps (the page is told, and starts a fresh
//! vault), and the allocator is a small one. A Rust application that uses the crate brings its own.
#![cfg_attr(target_arch = "wasm32", no_std)]

#[cfg(target_arch = "wasm32")]
use valetkey as _;

#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}
