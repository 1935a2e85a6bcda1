//! `resnette host`: the page for a class, and a board of what its students share.

use std::io::{IsTerminal, Write, stderr};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use resnette_class_host::engine_line::SeatEngine;
use resnette_class_host::join_code::in_terminal;
use resnette_class_host::site::lan_address;
use resnette_class_host::tls::TlsFiles;
use resnette_class_host::{ClassSite, Running};
use resnette_host_engine::{HostEngine, MAX_SEATS};

use crate::output::tell;
use crate::quoted::in_line;
use crate::serve::page_folder;

/// Arguments of `host`.
#[derive(Clone, Debug, clap::Args)]
pub struct HostArgs {
    /// The folder of the built page. Left out: the folder `page` beside this program, as in a
    /// release, or else `dist` in this folder, as in a checkout after `cargo xtask build`.
    #[arg(long, value_name = "DIR")]
    page: Option<PathBuf>,
    /// Answer other computers in this network too. Left out: this computer only.
    #[arg(long)]
    lan: bool,
    /// This computer's address in the class's network, if the one found belongs to another network.
    #[arg(long, value_name = "IP", requires = "lan")]
    address: Option<Ipv4Addr>,
    /// The port. Left out: 8080, or the next one that is free.
    #[arg(long, value_name = "N")]
    port: Option<u16>,
    /// Serve over https with this certificate and its private key (PEM). Browsers then give
    /// students WebGPU, saved runs and the camera, which they withhold over http.
    #[arg(long, num_args = 2, value_names = ["CERT", "KEY"])]
    tls: Option<Vec<PathBuf>>,
    /// This computer's name in the links: the one that its certificate is for. Left out: the
    /// address.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Keep the board in this file, and begin with what is in it. With --train the runs are kept
    /// too, in the folder FILE-runs beside it, and go on. Left out: nothing is stored.
    #[arg(long, value_name = "FILE")]
    keep: Option<PathBuf>,
    /// Train here for students who choose it (backend=host), each a batch in turn.
    #[arg(long)]
    train: bool,
    /// Pictures that students may train on here (source=files): a folder of class folders, an
    /// archive, or a folder with parquet files. Left out: the drawn ones only.
    #[arg(long, value_name = "PATH", requires = "train")]
    data: Option<PathBuf>,
}

/// Serves the class until the program is ended. Nothing of it is stored, unless a file is named for
/// that.
///
/// # Errors
/// If there is no built page, this computer's address is not found, the port is in use, or the
/// certificate, the file or the pictures for the class cannot be used.
pub fn host(args: HostArgs) -> anyhow::Result<()> {
    let dist = page_folder(args.page)?;
    let lan = match (args.lan, args.address) {
        (false, _) => None,
        (true, Some(address)) => Some(address),
        (true, None) => Some(lan_address()?),
    };
    let tls = match args.tls.as_deref() {
        Some([certificate, key]) => {
            Some(TlsFiles { certificate: certificate.clone(), key: key.clone() })
        }
        // Clap takes two values or none.
        _ => None,
    };
    let (is_https, keep) = (tls.is_some(), args.keep.clone());
    let site = ClassSite { dist, port: args.port, lan, name: args.name, tls, keep: args.keep };
    let engine = match args.train {
        true => Some(start_engine(args.data, keep.as_deref())?),
        false => None,
    };
    let is_training = engine.is_some();
    let runs = keep.as_deref().filter(|_| is_training).map(runs_beside);
    let running = site.start_with(engine)?;
    announce(&running, lan.is_some(), is_https, keep.as_deref());
    if is_training {
        tell(format_args!(
            "This computer trains for up to {MAX_SEATS} students who choose it (backend=host)."
        ));
    }
    if let Some(runs) = runs {
        tell(format_args!(
            "Their runs are kept in {} until ten minutes after their tabs were closed, and go on \
             when this command is given again. Delete the folder if the class does not go on.",
            runs.display()
        ));
    }
    running.join()
}

/// The engine that trains for students.
///
/// # Errors
/// If a failure of one student's run would end the class, the pictures cannot be read, or runs
/// cannot be kept beside the file `keep`.
fn start_engine(data: Option<PathBuf>, keep: Option<&Path>) -> anyhow::Result<Arc<dyn SeatEngine>> {
    anyhow::ensure!(
        cfg!(panic = "unwind"),
        "in this build a failure in one student's run would end the class; build it with `cargo build \
         --profile host --package resnette-cli --features host`, which makes target/host/resnette"
    );
    let engine = HostEngine::start(data, keep.map(runs_beside).as_deref())?;
    for problem in engine.problems() {
        tell(format_args!("{}: {}", in_line(&problem.name), in_line(&problem.reason)));
    }
    Ok(Arc::new(engine))
}

/// The folder of the runs beside a class's file.
fn runs_beside(keep: &Path) -> PathBuf {
    let mut name = keep.as_os_str().to_owned();
    name.push("-runs");
    name.into()
}

fn announce(running: &Running, lan: bool, is_https: bool, keep: Option<&Path>) {
    let join = running.join_link();
    tell(format_args!("\nBoard (teacher only):   {}", running.board_link()));
    tell(format_args!("Join link for students: {join}"));
    if stderr().is_terminal() {
        // Not by `tell`, which would take its colours out. Without a code there is still the link.
        let _ = writeln!(stderr().lock(), "\n{}", in_terminal(join));
    }
    match (lan, is_https) {
        (true, false) => tell(format_args!(
            "Everybody in this network who has the link can join. What is shared goes over the \
             network unencrypted."
        )),
        (true, true) => {
            tell(format_args!("Everybody in this network who has the link can join."));
        }
        (false, _) => tell(format_args!(
            "Only this computer can connect; use --lan to open it to the class's network."
        )),
    }
    match keep {
        None => tell(format_args!("Ctrl-C ends the class and deletes everything.")),
        Some(file) => tell(format_args!(
            "Ctrl-C ends the class. Its board is kept in {}, which has the nicknames and the join \
             link in it; the same link is right next time. Delete all on the board empties the \
             file too, and leaves the runs of --train.",
            file.display()
        )),
    }
}
