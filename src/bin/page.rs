//! The page. The engine is in the workers, which the page starts when they are needed.

fn main() {
    resnette::start();
}
