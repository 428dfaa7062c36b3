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
static ALLOCATOR: erasing::Erasing = erasing::Erasing::new();

#[cfg(target_arch = "wasm32")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

#[cfg(target_arch = "wasm32")]
mod erasing {
    use core::alloc::{GlobalAlloc, Layout};

    /// Erases what is freed. A secret leaves more copies behind than the wrapper of the value itself knows of: the body
    /// it arrived in, the text of the request it was sent in, a buffer that grew.
    pub(crate) struct Erasing(rlsf::SmallGlobalTlsf);

    impl Erasing {
        pub(crate) const fn new() -> Self {
            Self(rlsf::SmallGlobalTlsf::new())
        }
    }

    // SAFETY: all of it is the inner allocator's; a block is its owner's until `dealloc` is called, so it may be written.
    // A block that grows is moved by way of these two, as `GlobalAlloc::realloc` does it where it is not overridden.
    unsafe impl GlobalAlloc for Erasing {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            unsafe { self.0.alloc(layout) }
        }

        unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
            unsafe {
                block.write_bytes(0, layout.size());
                self.0.dealloc(block, layout);
            }
        }
    }
}
