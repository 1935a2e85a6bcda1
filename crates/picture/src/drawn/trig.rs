//! Sine and cosine that are the same on every platform.
//!
//! `f32::sin` calls whatever maths library the platform has, and its last bits differ. These use
//! `+ - * /` alone, which IEEE 754 defines exactly, so that a drawing has the same bytes in a
//! browser and on a server.

/// Sine and cosine of an angle in turns (1 is the full circle), accurate to 5e-6.
pub fn sin_cos(turns: f32) -> (f32, f32) {
    (sin(turns), sin(turns + 0.25))
}

/// The sine of an angle in turns: the angle is folded into ±¼ turn, where the Taylor series up to
/// the ninth power is accurate enough.
fn sin(turns: f32) -> f32 {
    let t = turns - (turns + 0.5).floor();
    let folded = if t > 0.25 {
        0.5 - t
    } else if t < -0.25 {
        -0.5 - t
    } else {
        t
    };
    let x = folded * std::f32::consts::TAU;
    let x2 = x * x;
    x * (1.0 - x2 / 6.0 * (1.0 - x2 / 20.0 * (1.0 - x2 / 42.0 * (1.0 - x2 / 72.0))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sines_are_close_to_the_library() {
        for step in -400..400 {
            let turns = step as f32 / 150.0;
            let (s, c) = sin_cos(turns);
            let angle = f64::from(turns) * std::f64::consts::TAU;
            assert!((f64::from(s) - angle.sin()).abs() < 1e-5, "sin of {turns} turns is {s}");
            assert!((f64::from(c) - angle.cos()).abs() < 1e-5, "cos of {turns} turns is {c}");
        }
    }
}
