//! How many of the drawn pictures that Predict offers a network names correctly.

use std::fmt::Write;

use anyhow::Context;
use resnette_engine::predict::classify::Classifier;
use resnette_images::load::fallback_decoder::NoFallback;
use resnette_picture::classes::{IMAGENETTE, imagenette_names};
use resnette_picture::drawn;
use resnette_protocol::predict::{Explain, Request};
use serde_bytes::ByteBuf;

use crate::png::png;

/// Whether a network with these classes can be asked about the samples.
///
/// # Errors
/// If it knows other classes than Imagenette's.
pub fn check(classes: &[String]) -> anyhow::Result<()> {
    anyhow::ensure!(
        classes == imagenette_names(),
        "the drawn samples show Imagenette's ten classes, and this network knows others; leave \
         --samples out"
    );
    Ok(())
}

/// What the ten drawn samples are said to be, as Predict would say it, as Markdown.
///
/// # Errors
/// If the engine fails.
pub async fn measure(classifier: Classifier<'_>) -> anyhow::Result<String> {
    let mut answers = Vec::new();
    for (label, (_, class)) in IMAGENETTE.iter().enumerate() {
        // As a file, like every picture that the page sends.
        let file = (format!("drawn {class}"), ByteBuf::from(png(&drawn::sample(label))?));
        let request =
            Request { files: vec![file], explain: Explain::default(), ..Request::default() };
        let answer = classifier.answer(&request, &NoFallback).await?;
        let first = answer.predictions.into_iter().next().context("there is no answer")?;
        let prediction = first.map_err(anyhow::Error::msg)?;
        let (guess, p) = prediction.classes.into_iter().next().context("there is no class")?;
        answers.push((*class, guess, p));
    }
    Ok(render(&answers))
}

/// The answers, each with the class that is drawn, the class that was named and its probability.
fn render(answers: &[(&str, String, f32)]) -> String {
    let right = answers.iter().filter(|(class, guess, _)| class == guess).count();
    let mut out = format!("\n{right} of {} drawn samples named correctly", answers.len());
    out += if right < answers.len() { ":\n\n" } else { ".\n" };
    for (class, guess, probability) in answers.iter().filter(|(class, guess, _)| class != guess) {
        let _ = writeln!(out, "- {class}, said to be {guess} with {:.0} %", probability * 100.0);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_counted_and_listed() {
        let answers = [("church", "church".into(), 0.9), ("tench", "parachute".into(), 0.456)];
        assert_eq!(
            render(&answers),
            "\n1 of 2 drawn samples named correctly:\n\n- tench, said to be parachute with 46 %\n"
        );
        assert_eq!(render(&answers[..1]), "\n1 of 1 drawn samples named correctly.\n");
    }
}
