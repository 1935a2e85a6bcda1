//! The native command line.

fn main() -> anyhow::Result<()> {
    resnette::cli::run()
}
