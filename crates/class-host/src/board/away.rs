//! What a page that was away is told when it comes back: above all, what the teacher has ended.
#![allow(clippy::unwrap_used)]

use resnette_class::{Join, ToSeat, Token};

use super::Board;
use super::tests::{join, seated, told};

/// What the page of the seat with this key is told that comes back with the run of this start; its
/// seat may be another one now.
fn told_again(board: &mut Board, key: Option<Token>, runs: Option<u32>) -> Vec<ToSeat> {
    let back = Join { runs, ..join("Ada", key) };
    let mut taken = board.join(back, Token([9; 16])).ok().unwrap();
    told(&mut taken)
}

fn experiment(number: u32, settings: &str) -> ToSeat {
    ToSeat::Experiment { number, settings: settings.into() }
}

const KEY: Token = Token([1; 16]);

/// It is told of the stop first, and whatever the teacher has proposed and started since.
#[test]
fn a_page_that_was_away_hears_that_its_run_was_stopped() {
    let (mut board, _seats) = seated(&["Ada"]);
    board.propose("seed=1".into());
    board.start();
    let going =
        [ToSeat::Joined(KEY), experiment(1, "seed=1"), ToSeat::Start { number: 1, start: 1 }];
    assert_eq!(told_again(&mut board, Some(KEY), Some(1)), going, "nothing was stopped");
    board.stop();
    let stopped = [ToSeat::Joined(KEY), ToSeat::Stop(1), experiment(1, "seed=1")];
    assert_eq!(told_again(&mut board, Some(KEY), Some(1)), stopped);
    // Started once more: the run of before ends, and another begins.
    board.start();
    let started = ToSeat::Start { number: 1, start: 2 };
    let again = [ToSeat::Joined(KEY), ToSeat::Stop(1), experiment(1, "seed=1"), started];
    assert_eq!(told_again(&mut board, Some(KEY), Some(1)), again);
    board.stop();
    // Experiments that came after it, stopped as well or not, hide nothing.
    for number in 2..=40 {
        board.propose("seed=2".into());
        board.start();
        board.stop();
        let told = told_again(&mut board, Some(KEY), Some(1));
        let proposed = experiment(number, "seed=2");
        assert_eq!(told, [ToSeat::Joined(KEY), ToSeat::Stop(1), proposed]);
    }
    // A page that runs nothing of the class has nothing to stop.
    let told = told_again(&mut board, Some(KEY), None);
    assert_eq!(told, [ToSeat::Joined(KEY), experiment(40, "seed=2")]);
}

/// The run ends even if everything was deleted meanwhile, or the seat was given to somebody else.
#[test]
fn a_stop_is_told_in_another_seat_too() {
    let (mut board, _seats) = seated(&["Ada"]);
    board.propose("seed=1".into());
    board.start();
    board.stop();
    board.end(1, 1);
    board.delete_all();
    let told = told_again(&mut board, Some(KEY), Some(1));
    assert_eq!(told, [ToSeat::Joined(Token([9; 16])), ToSeat::Stop(1)]);
}

/// An experiment that the teacher has not stopped goes on when another is proposed, and a start
/// that the host knows nothing of ends nothing.
#[test]
fn nothing_ends_that_was_not_stopped() {
    let (mut board, _seats) = seated(&["Ada"]);
    board.propose("seed=1".into());
    board.stop();
    board.start();
    board.propose("seed=2".into());
    board.stop();
    for runs in [1, 2, u32::MAX] {
        let told = told_again(&mut board, Some(KEY), Some(runs));
        assert_eq!(told, [ToSeat::Joined(KEY), experiment(2, "seed=2")], "{runs}");
    }
}
