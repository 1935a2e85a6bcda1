//! The figures as a table for people.

use std::fmt::Write;

use serde_json::Value;

/// Markdown, as `docs/benchmarks.md` takes it.
pub fn words(told: &Value) -> String {
    let limit = told["limit"]["gflops"].as_f64().unwrap_or_default();
    let mut words = String::new();
    // Writing into a string cannot fail.
    let _ = writeln!(
        words,
        "Adapter: {}; a register-tiled matrix product: {limit:.2} GFLOP/s.\n",
        told["adapter"].as_str().unwrap_or("?")
    );
    for (net, row) in told["nets"].as_object().into_iter().flatten() {
        let ours = row["webgpu"]["ms_per_step"].as_f64().unwrap_or_default();
        let work = 6e-6 * number(&row["webgpu"], "multiply_adds") * number(&row["webgpu"], "bs");
        let _ = writeln!(
            words,
            "{net}: {:.2} GFLOP a step of {:.0} pictures, {:.0} parameters\n",
            work / 1e3,
            number(&row["webgpu"], "bs"),
            number(&row["webgpu"], "parameters")
        );
        let _ = writeln!(
            words,
            "| engine | ms a step | with one read | times our WebGPU | GFLOP/s | of the limit | first step, ms | enqueue, ms | dispatches | GPU MB |"
        );
        let _ = writeln!(words, "|--|--|--|--|--|--|--|--|--|--|");
        for (engine, figures) in row.as_object().into_iter().flatten() {
            let Some(ms) = figures["ms_per_step"].as_f64() else {
                let _ = writeln!(
                    words,
                    "| {engine} | {} | | | | | | | | |",
                    figures["error"].as_str().unwrap_or("no figure")
                );
                continue;
            };
            let rate = work / ms;
            let share =
                if ["webgpu", "tfjs", "jaxjs"].iter().any(|on_gpu| engine.starts_with(on_gpu)) {
                    format!("{:.0} %", rate / limit * 100.0)
                } else {
                    String::new()
                };
            let _ = writeln!(
                words,
                "| {engine} | {ms:.0} | {} | {:.2} | {rate:.2} | {share} | {} | {} | {} | {} |",
                shown(figures, "queued_ms", 1.0, 1),
                ms / ours,
                shown(figures, "first_step_ms", 1.0, 0),
                shown(figures, "enqueue_ms", 1.0, 1),
                shown(figures, "dispatches_per_step", 1.0, 0),
                shown(figures, "gpu_bytes", 1e-6, 0),
            );
        }
        if let Some(kernels) = row["webgpu"]["kernels"].as_str() {
            let _ = writeln!(words, "\nKernels for {kernels}.");
        }
        let longest = ["webgpu", "cpu"].map(|engine| number(&row[engine], "longest_page_task_ms"));
        let _ = writeln!(
            words,
            "\nLongest task of the page's thread: {:.0} ms with WebGPU, {:.0} ms with the CPU (0: none over 50 ms).\n",
            longest[0], longest[1]
        );
    }
    if let Some(scales) = told["scaling"].as_object() {
        let _ =
            writeln!(words, "| basic, nanoseconds a pixel of a step | webgpu | cpu |\n|--|--|--|");
        for (what, rows) in scales {
            // Keys are numbers: in their order, and not "16, 64, 8".
            let mut rows: Vec<_> = rows.as_object().into_iter().flatten().collect();
            rows.sort_by_key(|(at, _)| at.parse::<u32>().unwrap_or(0));
            for (at, row) in rows {
                let name = if what == "batch" {
                    format!("{at} pictures of 64 px")
                } else {
                    format!("16 pictures of {at} px")
                };
                let [webgpu, cpu] =
                    ["webgpu", "cpu"].map(|engine| number(&row[engine], "ns_per_pixel"));
                let _ = writeln!(words, "| {name} | {webgpu:.0} | {cpu:.1} |");
            }
        }
        let _ = writeln!(words);
    }
    if let Some(nets) = told["threads"].as_object() {
        let _ = writeln!(
            words,
            "| CPU engine, ms a step | network | 1 thread | 2 threads | times as fast |\n|--|--|--|--|--|"
        );
        for (net, engines) in nets {
            for (engine, figures) in engines.as_object().into_iter().flatten() {
                let one = number(figures, "1");
                let (two, faster) = match figures["2"].as_f64() {
                    Some(two) => (format!("{two:.0}"), format!("{:.2}", one / two)),
                    None => {
                        (figures["alone"].as_str().unwrap_or_default().to_owned(), String::new())
                    }
                };
                let _ = writeln!(words, "| {engine} | {net} | {one:.0} | {two} | {faster} |");
            }
        }
        let _ = writeln!(words);
    }
    let _ = writeln!(words, "| module | raw MB | gzip -9 MB | Brotli MB |\n|--|--|--|--|");
    for (name, size) in told["wasm"].as_object().into_iter().flatten() {
        let [raw, gzip, brotli] =
            ["raw_bytes", "gzip_bytes", "brotli_bytes"].map(|key| number(size, key) / 1e6);
        let _ = writeln!(words, "| {name} | {raw:.2} | {gzip:.2} | {brotli:.2} |");
    }
    words
}

fn number(figures: &Value, key: &str) -> f64 {
    figures[key].as_f64().unwrap_or_default()
}

fn shown(figures: &Value, key: &str, scale: f64, digits: usize) -> String {
    figures[key].as_f64().map(|value| format!("{:.digits$}", value * scale)).unwrap_or_default()
}
