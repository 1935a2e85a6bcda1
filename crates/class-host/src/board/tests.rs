#![allow(clippy::unwrap_used)]
use std::thread::sleep;
use std::time::Duration;

use resnette_class::Status;
use resnette_spec::epoch::EpochRow;
use resnette_spec::read_run;

use super::*;

pub(crate) fn join(name: &str, seat: Option<Token>) -> Join {
    let nickname = Nickname::new(name).unwrap();
    Join { version: VERSION, token: Token([0; 16]), nickname, seat, runs: None }
}

pub(crate) fn run(number: u32, settings: &str, accuracies: &[f32]) -> ToHost {
    let row = |(epoch, &accuracy)| EpochRow { epoch, accuracy, ..EpochRow::default() };
    let rows: Vec<EpochRow> = (0..).zip(accuracies).map(row).collect();
    let config = read_run(settings).0;
    ToHost::Share(SharedRun::of(number, &config, false, Status::Training, &rows))
}

/// A board with a seat for each name, with the key that has its number in every byte.
pub(crate) fn seated(names: &[&str]) -> (Board, Vec<Taken>) {
    let mut board = Board::default();
    let seats = names
        .iter()
        .zip(1..)
        .map(|(name, number)| board.join(join(name, None), Token([number; 16])).ok().unwrap())
        .collect();
    (board, seats)
}

pub(super) fn told(taken: &mut Taken) -> Vec<ToSeat> {
    std::iter::from_fn(|| taken.told.try_recv().ok()).collect()
}

#[test]
fn a_page_that_comes_back_has_its_seat_and_its_runs() {
    let (mut board, mut seats) = seated(&["Ada"]);
    assert_eq!(told(&mut seats[0]), [ToSeat::Joined(Token([1; 16]))]);
    assert!(board.hear(1, 1, run(1, "seed=1", &[0.5])));
    let again = board.join(join("Ada", Some(Token([1; 16]))), Token([9; 16])).ok().unwrap();
    assert_eq!((again.id, again.connection, board.seats().len()), (1, 2, 1));
    // The earlier connection is not heard any more, and its end does not end the new one.
    assert!(!board.hear(1, 1, ToHost::Leave));
    board.end(1, 1);
    assert!(board.seats()[0].is_here() && board.seats()[0].runs.len() == 1);
    let stranger = board.join(join("Eve", Some(Token([8; 16]))), Token([7; 16])).ok().unwrap();
    assert_eq!(stranger.id, 2);
}

#[test]
fn seats_are_few_and_those_of_pages_that_are_gone_are_given_away() {
    let names: Vec<String> = (0..MAX_SEATS).map(|number| format!("n{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (mut board, _seats) = seated(&names);
    let refused = board.join(join("late", None), Token([99; 16])).err();
    assert_eq!(refused, Some(Refusal::Full));
    board.end(3, 1);
    let late = board.join(join("late", None), Token([99; 16])).ok().unwrap();
    assert_eq!((late.id, board.seats().len()), (MAX_SEATS as u32 + 1, MAX_SEATS));
    assert!(board.seats().iter().all(|seat| seat.id != 3));
    let old = Join { version: VERSION + 1, ..join("old", None) };
    assert_eq!(board.join(old, Token([1; 16])).err(), Some(Refusal::OtherVersion));
}

/// The seat that is away longest makes room, and not the first that is not here; one that came back
/// is away from when it goes again.
#[test]
fn the_seat_that_is_away_longest_is_given_away() {
    let names: Vec<String> = (0..MAX_SEATS).map(|number| format!("n{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (mut board, _seats) = seated(&names);
    for id in [9, 5, 3] {
        board.end(id, 1);
        // Its connection ends again, which changes nothing.
        board.end(id, 1);
        sleep(Duration::from_millis(2));
    }
    let _nine = board.join(join("n8", Some(Token([9; 16]))), Token([99; 16])).ok().unwrap();
    board.end(9, 2);
    let mut given = Vec::new();
    for number in 100..103 {
        let before: Vec<u32> = board.seats().iter().map(|seat| seat.id).collect();
        given.push(board.join(join("late", None), Token([number; 16])).ok().unwrap());
        let gone = before.into_iter().find(|id| board.seats().iter().all(|seat| seat.id != *id));
        assert_eq!(gone, Some([5, 3, 9][usize::from(number) - 100]));
    }
    let refused = board.join(join("later", None), Token([103; 16])).err();
    assert_eq!(refused, Some(Refusal::Full));
}

#[test]
fn the_newest_of_a_run_counts_and_four_runs_are_kept() {
    let (mut board, _seats) = seated(&["Ada"]);
    for number in 1..=6 {
        assert!(board.hear(1, 1, run(number, "seed=1", &[0.1])));
        assert!(board.hear(1, 1, run(number, "seed=1", &[0.1, 0.2])));
    }
    let kept: Vec<_> = board.seats()[0].runs.iter().map(|known| known.run.number).collect();
    assert_eq!(kept, [3, 4, 5, 6]);
    assert!(board.seats()[0].runs.iter().all(|known| known.run.rows.len() == 2));
    let ToHost::Share(mut bad) = run(7, "seed=1", &[0.1]) else { unreachable!() };
    bad.settings = "lr=fast".into();
    assert!(!board.hear(1, 1, ToHost::Share(bad)));
    assert!(!board.hear(1, 1, ToHost::Join(join("Ada", None))), "twice");
    assert_eq!(board.seats()[0].runs.len(), 4);
}

#[test]
fn the_teacher_proposes_starts_and_stops() {
    let (mut board, mut seats) = seated(&["Ada", "Bo"]);
    board.start();
    seats.iter_mut().for_each(|seat| assert_eq!(told(seat).len(), 1));
    board.propose("seed=1".into());
    let proposed = ToSeat::Experiment { number: 1, settings: "seed=1".into() };
    assert_eq!(told(&mut seats[0]), std::slice::from_ref(&proposed));
    assert_eq!(board.ready(), (0, 2));
    assert!(board.hear(2, 1, ToHost::Ready(1)));
    assert_eq!(board.ready(), (1, 2));
    board.start();
    board.stop();
    let start = ToSeat::Start { number: 1, start: 1 };
    assert_eq!(told(&mut seats[1]), [proposed, start, ToSeat::Stop(1)]);
    // Being ready for one is not being ready for the next.
    board.propose("seed=2".into());
    assert_eq!(board.ready(), (0, 2));
    board.start();
    let mut late = board.join(join("Cy", None), Token([3; 16])).ok().unwrap();
    let second = ToSeat::Experiment { number: 2, settings: "seed=2".into() };
    let start = ToSeat::Start { number: 2, start: 2 };
    assert_eq!(told(&mut late), [ToSeat::Joined(Token([3; 16])), second, start]);
}

#[test]
fn hidden_names_stay_hidden_and_what_is_deleted_is_gone() {
    let (mut board, mut seats) = seated(&["Rude", "Bo"]);
    board.hide(1, true);
    board.hide(77, true);
    assert_eq!(board.seats()[0].name(), "Seat 1");
    assert_eq!(told(&mut seats[0]).last(), Some(&ToSeat::Hidden(true)));
    board.join(join("Ruder", Some(Token([1; 16]))), Token([9; 16])).ok().unwrap();
    assert_eq!(board.seats()[0].name(), "Seat 1");
    board.hide(1, false);
    assert_eq!(board.seats()[0].name(), "Ruder");
    assert!(board.hear(2, 1, run(1, "seed=1", &[0.5])));
    board.end(1, 2);
    board.delete_all();
    assert_eq!((board.seats().len(), board.seats()[0].runs.len()), (1, 0));
    assert!(!board.hear(2, 1, ToHost::Leave) && board.seats().is_empty());
}

/// A page that reads nothing fills its line and is let go; the others are told all the same.
#[test]
fn a_page_that_takes_no_messages_is_let_go() {
    let (mut board, mut seats) = seated(&["Ada", "Deaf"]);
    for _ in 0..MAX_UNSENT {
        board.propose("seed=1".into());
        told(&mut seats[0]);
    }
    assert!(board.seats()[0].is_here() && !board.seats()[1].is_here());
}

/// What a file keeps of a board is enough to make it again, with everybody's page away.
#[test]
fn a_board_is_made_again_from_what_is_kept() {
    let (mut board, _seats) = seated(&["Ada", "Rude"]);
    assert!(board.hear(1, 1, run(1, "seed=1", &[0.5])));
    assert!(board.hear(1, 1, run(2, "seed=2", &[0.25, 0.5])));
    assert!(board.hear(1, 1, ToHost::Answered(0b101)));
    board.hide(2, true);
    board.delete_all();
    assert!(board.hear(1, 1, run(3, "seed=3", &[0.75])));
    board.propose("seed=4".into());
    board.start();
    board.stop();
    board.start();
    let mut again = Board::of(board.kept());
    assert_eq!((again.kept(), again.changes()), (board.kept(), 0));
    assert_eq!(again.ready(), (0, 0));
    // She has been away since the first start, which was stopped.
    let back = Join { runs: Some(1), ..join("Ada", Some(Token([1; 16]))) };
    let mut ada = again.join(back, Token([9; 16])).ok().unwrap();
    let sent = ToSeat::Experiment { number: 1, settings: "seed=4".into() };
    let start = ToSeat::Start { number: 1, start: 2 };
    let wanted = [ToSeat::Joined(Token([1; 16])), ToSeat::Stop(1), sent, start];
    assert_eq!(told(&mut ada), wanted);
    // What was deleted before is not kept when it comes again, and numbers go on.
    assert!(again.hear(1, 1, run(2, "seed=2", &[0.5])));
    assert_eq!(again.seats()[0].runs.len(), 1);
    assert_eq!(again.join(join("Cy", None), Token([3; 16])).ok().unwrap().id, 3);
    assert_eq!(again.seats()[1].name(), "Seat 2");
    assert!(again.changes() > 0);
}

/// A pasted run stays while there is another seat whose page is gone.
#[test]
fn pasted_runs_are_the_last_to_make_room() {
    let mut board = Board::default();
    let ToHost::Share(pasted) = run(1, "seed=1", &[0.5]) else { unreachable!() };
    assert_eq!(board.paste(Nickname::new("By hand").unwrap(), pasted, Token([200; 16])), Ok(()));
    let mut taken = Vec::new();
    for number in 1..MAX_SEATS as u8 {
        taken.push(board.join(join("page", None), Token([number; 16])).ok().unwrap());
    }
    board.end(5, 1);
    assert!(board.join(join("late", None), Token([201; 16])).is_ok());
    assert!(board.seats().iter().any(|seat| seat.pasted));
    assert!(board.join(join("later", None), Token([202; 16])).is_ok());
    assert!(!board.seats().iter().any(|seat| seat.pasted), "nobody else has gone");
    let ToHost::Share(pasted) = run(1, "seed=1", &[0.5]) else { unreachable!() };
    let refused = board.paste(Nickname::new("By hand").unwrap(), pasted, Token([203; 16]));
    assert_eq!(refused, Err(Refusal::Full));
}
