//! A team of ranks: with the feature `mpi` under mpirun, and without it a refusal. The arithmetic
//! is tested without MPI (`crates/engine/src/train/team`). `cargo xtask test` installs Open MPI
//! where it can and runs these tests with the feature.
#![allow(clippy::unwrap_used)]

mod support;

#[cfg(not(feature = "mpi"))]
#[test]
fn without_mpi_a_team_is_refused_with_what_to_do() {
    let told = support::refused(&["train", "#accumulate=2&source=drawn", "--team"]);
    assert!(told.contains("--features mpi") && told.contains("mpirun -n 4"), "{told}");
    let told = support::refused(&["train", "#source=drawn", "--team-wait", "5"]);
    assert!(told.contains("--team"), "{told}");
}

#[cfg(target_os = "linux")]
mod under_mpirun {
    use std::fs;
    use std::path::Path;
    use std::process::{Child, Command, Stdio};
    use std::thread::sleep;
    use std::time::{Duration, Instant};

    use resnette_engine::model::weights::Weights;
    use resnette_engine::train::checkpoint::Checkpoint;

    use crate::support::runs::{SETTINGS, ended, results, wait_for_epochs};
    use crate::support::{Folder, PROGRAM, works};

    /// Odd epochs of five batches, full augmentation and Mixup; four epochs.
    const ODD: &str = "#source=drawn&train=5&valid=4&size=32&bs=10&epochs=4&lr=0.01&layers=1&\
                       width=8&stem=8&accumulate=2&seed=3&augment=full&mixup=0.4";

    /// `mpirun` with the program on `ranks` ranks of this computer.
    fn mpirun(ranks: u32, arguments: &[&str]) -> Command {
        let mut command = Command::new("mpirun");
        command.args(["--oversubscribe", "--bind-to", "none", "-n", &ranks.to_string(), PROGRAM]);
        command.args(arguments).arg("--team");
        // Containers run as root, and do not let processes read each other's memory.
        command
            .env("OMPI_ALLOW_RUN_AS_ROOT", "1")
            .env("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1")
            .env("OMPI_MCA_btl_vader_single_copy_mechanism", "none")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// What a team prints.
    fn team_works(ranks: u32, arguments: &[&str]) -> String {
        let output = mpirun(ranks, arguments).output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {told}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The same table, and the same weights and running statistics to the last bit.
    fn assert_same(found: &(Vec<String>, Weights), wanted: &(Vec<String>, Weights), case: &str) {
        assert_eq!(found.0, wanted.0, "{case}");
        assert_eq!(found.1.len(), wanted.1.len());
        for (name, array) in &wanted.1 {
            assert!(found.1[name] == *array, "{case}: {name}");
        }
    }

    /// The processes that a running `mpirun` has started, in the order of their numbers.
    fn ranks_of(mpirun: &Child) -> Vec<String> {
        let parent = mpirun.id().to_string();
        let processes = fs::read_dir("/proc").unwrap().flatten();
        let mut ranks: Vec<u32> = processes
            .filter_map(|process| process.file_name().to_str()?.parse().ok())
            .filter(|id: &u32| {
                // Behind the name in brackets stand the state and the parent.
                let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
                let behind = stat.rsplit(')').next().unwrap_or_default();
                behind.split_whitespace().nth(1) == Some(parent.as_str())
            })
            .collect();
        ranks.sort_unstable();
        ranks.iter().map(u32::to_string).collect()
    }

    fn signal(process: &str, name: &str) {
        assert!(Command::new("kill").args([name, process]).status().unwrap().success());
    }

    /// Whether a process is there and no zombie.
    fn lives(process: &str) -> bool {
        let status = fs::read_to_string(format!("/proc/{process}/stat"));
        status.is_ok_and(|status| !status.contains(") Z "))
    }

    #[test]
    #[cfg_attr(not(feature = "mpi"), ignore = "needs Open MPI and the feature `mpi`")]
    fn two_ranks_train_as_one_process_does() {
        let folder = Folder::new("team");
        for (index, settings) in [SETTINGS, ODD].into_iter().enumerate() {
            let (one, two) = (folder.file(&format!("{index}")), folder.file(&format!("{index}-2")));
            let table = works(&["train", settings, "--out", &one]);
            let of_team = team_works(2, &["train", settings, "--out", &two]);
            // One rank prints.
            assert_eq!(of_team.lines().count(), table.lines().count(), "{of_team}");
            assert_same(&results(&two), &results(&one), settings);
        }
        // Three ranks and four, which do not end with an epoch either.
        let more = format!("{ODD}&accumulate=4");
        let one = folder.file("one");
        works(&["train", &more, "--out", &one]);
        for ranks in [3, 4] {
            let out = folder.file(&format!("{ranks}"));
            team_works(ranks, &["train", &more, "--out", &out]);
            assert_same(&results(&out), &results(&one), &format!("{ranks} ranks"));
        }
    }

    #[test]
    #[cfg_attr(not(feature = "mpi"), ignore = "needs Open MPI and the feature `mpi`")]
    fn a_killed_rank_ends_all_and_the_run_goes_on_with_another_number_of_ranks() {
        let folder = Folder::new("team-kill");
        let settings = format!("{ODD}&accumulate=3&train=40");
        let wanted = folder.file("wanted");
        works(&["train", &settings, "--out", &wanted]);
        for (killed, goes_on) in [(0, 3), (1, 1)] {
            let out = folder.file(&format!("{killed}"));
            let mut child = mpirun(2, &["train", &settings, "--out", &out]).spawn().unwrap();
            let rows = wait_for_epochs(&mut child, 2);
            let ranks = ranks_of(&child);
            assert_eq!(ranks.len(), 2, "{ranks:?}");
            signal(&ranks[killed], "-KILL");
            // The promise is for the ranks; mpirun itself may tidy up for longer.
            let began = Instant::now();
            while ranks.iter().any(|rank| lives(rank)) {
                assert!(began.elapsed() < Duration::from_secs(5), "a rank is left");
                sleep(Duration::from_millis(20));
            }
            let (status, told) = ended(child);
            drop(rows);
            assert_ne!(status, Some(0), "{told}");
            match goes_on {
                1 => drop(works(&["train", "--resume", "--out", &out])),
                ranks => drop(team_works(ranks, &["train", "--resume", "--out", &out])),
            }
            assert_same(&results(&out), &results(&wanted), &format!("rank {killed} killed"));
        }
    }

    #[test]
    #[cfg_attr(not(feature = "mpi"), ignore = "needs Open MPI and the feature `mpi`")]
    fn a_rank_that_hangs_ends_all_at_the_deadline() {
        let folder = Folder::new("team-hang");
        let out = folder.file("out");
        let settings = format!("{ODD}&train=40&epochs=100");
        let arguments = ["train", &settings, "--out", &out, "--team-wait", "5"];
        let mut child = mpirun(2, &arguments).spawn().unwrap();
        let rows = wait_for_epochs(&mut child, 1);
        let ranks = ranks_of(&child);
        signal(&ranks[1], "-STOP");
        let began = Instant::now();
        let (status, told) = ended(child);
        drop(rows);
        assert_ne!(status, Some(0), "{told}");
        assert!(began.elapsed() < Duration::from_secs(15), "{:?}: {told}", began.elapsed());
        assert!(told.contains("has waited 5 s for the other ranks"), "{told}");
        assert!(!ranks.iter().any(|rank| lives(rank)), "a rank is left");
        assert!(Path::new(&out).join("run.resnette").exists());
    }

    /// As `scancel` and a time limit of SLURM ask: each rank gets the signal, here one of them.
    #[test]
    #[cfg_attr(not(feature = "mpi"), ignore = "needs Open MPI and the feature `mpi`")]
    fn a_team_that_is_told_to_stop_saves_and_goes_on() {
        let folder = Folder::new("team-stop");
        let settings = format!("{ODD}&train=40");
        let (wanted, out) = (folder.file("wanted"), folder.file("out"));
        works(&["train", &settings, "--out", &wanted]);
        let mut child = mpirun(2, &["train", &settings, "--out", &out]).spawn().unwrap();
        let rows = wait_for_epochs(&mut child, 1);
        signal(&ranks_of(&child)[1], "-TERM");
        let (status, told) = ended(child);
        drop(rows);
        assert_ne!(status, Some(0), "{told}");
        let command = "stopped and saved; go on with: mpirun -n 2 resnette train --resume --out";
        assert!(told.contains(command) && told.contains("--team"), "{told}");
        team_works(2, &["train", "--resume", "--out", &out]);
        assert_same(&results(&out), &results(&wanted), "stopped");
    }

    #[test]
    #[cfg_attr(not(feature = "mpi"), ignore = "needs Open MPI and the feature `mpi`")]
    fn what_a_team_cannot_train_is_refused_before_pictures_are_read() {
        let head = format!("{ODD}&head=fastai");
        for (ranks, settings, wanted) in
            [(3, ODD, "set accumulate=3"), (2, head.as_str(), "use head=linear")]
        {
            // The pictures are not there.
            let settings = settings.replace("source=drawn&train=5&valid=4&", "");
            let arguments = ["train", &settings, "--data", "no-such-folder"];
            let output = mpirun(ranks, &arguments).output().unwrap();
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(!output.status.success() && told.contains(wanted), "{told}");
            assert_eq!(told.matches(wanted).count(), 1, "all ranks tell it: {told}");
        }
    }

    #[test]
    #[cfg_attr(not(feature = "mpi"), ignore = "needs Open MPI and the feature `mpi`")]
    fn nine_ranks_say_that_their_sums_had_no_order() {
        let folder = Folder::new("team-nine");
        let out = folder.file("out");
        let settings = format!("{ODD}&accumulate=9&threads=1");
        team_works(9, &["train", &settings, "--out", &out]);
        let bytes = fs::read(Path::new(&out).join("run.resnette")).unwrap();
        let (_, checkpoint) = Checkpoint::read(&bytes).unwrap();
        assert_eq!(checkpoint.header.unordered_ranks, Some(9));
    }
}
