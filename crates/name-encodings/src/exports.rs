//! The functions as a browser calls them: it writes into the input, calls, and reads the output.
//! Everything is plain numbers, so that the module needs no JavaScript of its own.
#![allow(unsafe_code, reason = "a function keeps its name in the module by an unsafe attribute")]

use std::cell::RefCell;

thread_local! {
    static INPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    static OUTPUT: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Makes room for an input of so many bytes, and says where.
#[unsafe(no_mangle)]
extern "C" fn input(length: usize) -> *const u8 {
    INPUT.with_borrow_mut(|input| {
        input.resize(length, 0);
        input.as_ptr()
    })
}

/// [`detect`](crate::detect) for the names in the input; the encoding's name is the output.
#[unsafe(no_mangle)]
extern "C" fn detect(dos: u32) {
    INPUT.with_borrow(|names| OUTPUT.replace(crate::detect(names, dos != 0).into()));
}

/// [`decode`](crate::decode) for an input of the encoding's name, a line feed and the name; 1 if
/// what it says is the output, and 0 if it says nothing in this encoding.
#[unsafe(no_mangle)]
extern "C" fn decode() -> u32 {
    let decoded = INPUT.with_borrow(|input| {
        let end = input.iter().position(|byte| *byte == b'\n')?;
        crate::decode(str::from_utf8(&input[..end]).ok()?, &input[end + 1..])
    });
    let found = decoded.is_some();
    OUTPUT.set(decoded.unwrap_or_default());
    u32::from(found)
}

/// Where the output is, in UTF-8.
#[unsafe(no_mangle)]
extern "C" fn output() -> *const u8 {
    OUTPUT.with_borrow(|output| output.as_ptr())
}

/// How many bytes the output has.
#[unsafe(no_mangle)]
extern "C" fn output_length() -> usize {
    OUTPUT.with_borrow(String::len)
}
