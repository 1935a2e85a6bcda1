//! Writes `jpeg-grid/grid.tgz` with cjpeg, jpegtran and djpeg of libjpeg-turbo (Debian's package
//! `libjpeg-turbo-progs`; 2.1.5 wrote the committed file):
//!
//! `cargo test -p resnette-images --test data -- --ignored the_grid_is_drawn`

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use resnette_picture::drawn::draw;

use crate::fixtures::{gzip, tar};

/// The drawings' size: whole blocks of no sampling.
const WIDTH: usize = 45;
const HEIGHT: usize = 37;

/// Three components and their sampling factors, as `cjpeg -sample` takes them.
const SAMPLINGS: [(&str, &str); 13] = [
    ("444", "1x1,1x1,1x1"),
    ("422", "2x1,1x1,1x1"),
    ("420", "2x2,1x1,1x1"),
    ("440", "1x2,1x1,1x1"),
    ("411", "4x1,1x1,1x1"),
    ("410", "4x2,1x1,1x1"),
    ("441", "1x4,1x1,1x1"),
    ("311", "3x1,1x1,1x1"),
    ("331", "1x3,1x1,1x1"),
    ("444-in-pairs", "2x1,2x1,2x1"),
    ("422-in-twos", "2x2,1x2,1x2"),
    ("uneven", "2x2,2x1,1x1"),
    ("fine-red", "2x2,1x1,2x2"),
];

/// The scans of a file: a name, and what they hold, for [`scan_script`].
const SCANS: [&str; 5] = ["together", "apart", "in-two", "progressive", "progressive-apart"];

/// Restart intervals, as `jpegtran -restart` takes them: rows of MCUs, or MCUs.
const RESTARTS: [(&str, &str); 3] = [("", "0"), ("-restart-rows", "1"), ("-restart-3", "3B")];

/// A place for the programs' files.
struct Workshop(PathBuf);

impl Workshop {
    fn run(&self, program: &str, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let (from, to) = (self.0.join("in"), self.0.join("out"));
        fs::write(&from, input).unwrap();
        let status =
            Command::new(program).args(arguments).arg("-outfile").arg(&to).arg(&from).status();
        assert!(status.expect(program).success(), "{program} {arguments:?}");
        fs::read(&to).unwrap()
    }

    /// The JPEG rewritten with other scans, all of its numbers kept.
    fn rescan(&self, jpeg: &[u8], components: usize, scans: &str, restart: &str) -> Vec<u8> {
        let script = self.0.join("scans");
        fs::write(&script, scan_script(components, scans)).unwrap();
        let script = script.to_str().unwrap();
        self.run("jpegtran", &["-restart", restart, "-copy", "all", "-scans", script], jpeg)
    }
}

fn scan_script(components: usize, scans: &str) -> String {
    let all: Vec<String> = (0..components).map(|component| component.to_string()).collect();
    let each = |scan: &str| all.iter().map(|one| format!("{one}: {scan};\n")).collect::<String>();
    let details = ["1-5, 0, 2", "6-63, 0, 2", "1-63, 2, 1", "1-63, 1, 0"].map(each).concat();
    match scans {
        "together" => format!("{};\n", all.join(" ")),
        "apart" => format!("{};\n", all.join(";\n")),
        "in-two" => format!("0;\n{};\n", all[1..].join(" ")),
        "progressive" => {
            let all = all.join(" ");
            format!("{all}: 0-0, 0, 1;\n{details}{all}: 0-0, 1, 0;\n")
        }
        _ => format!("{}{details}{}", each("0-0, 0, 1"), each("0-0, 1, 0")),
    }
}

/// A drawing's red, green and blue planes.
fn planes() -> [Vec<u8>; 3] {
    let picture = draw(2, 7, 5, 48);
    [0, 1, 2].map(|channel| {
        (0..WIDTH * HEIGHT)
            .map(|at| picture.pixel((at % WIDTH) as u32, (at / WIDTH) as u32)[channel])
            .collect()
    })
}

fn ppm(planes: &[Vec<u8>; 3]) -> Vec<u8> {
    let mut out = format!("P6\n{WIDTH} {HEIGHT}\n255\n").into_bytes();
    for at in 0..WIDTH * HEIGHT {
        out.extend(planes.iter().map(|plane| plane[at]));
    }
    out
}

/// Luminance and colour differences, as JFIF has them.
fn ycc([red, green, blue]: &[Vec<u8>; 3]) -> [Vec<u8>; 3] {
    let weigh = |weights: [f32; 3], offset: f32| {
        (0..red.len())
            .map(|at| {
                let sum = weights[0] * f32::from(red[at])
                    + weights[1] * f32::from(green[at])
                    + weights[2] * f32::from(blue[at]);
                (sum + offset).round() as u8
            })
            .collect()
    };
    [
        weigh([0.299, 0.587, 0.114], 0.0),
        weigh([-0.168_74, -0.331_26, 0.5], 128.0),
        weigh([0.5, -0.418_69, -0.081_31], 128.0),
    ]
}

/// Four planes as one JPEG, one scan each, made of four grey ones: cjpeg writes no four components.
/// `factors` are each component's sampling factors.
fn four(workshop: &Workshop, planes: &[Vec<u8>; 4], factors: [(u8, u8); 4], adobe: u8) -> Vec<u8> {
    let most = (2, 2).min(*factors.iter().max().unwrap());
    let grey: Vec<Vec<u8>> = planes
        .iter()
        .zip(factors)
        .map(|(plane, (across, down))| {
            let step = (usize::from(most.0 / across), usize::from(most.1 / down));
            let (width, height) = (WIDTH.div_ceil(step.0), HEIGHT.div_ceil(step.1));
            let mut pgm = format!("P5\n{width} {height}\n255\n").into_bytes();
            for at in 0..width * height {
                pgm.push(plane[at / width * step.1 * WIDTH + at % width * step.0]);
            }
            workshop.run("cjpeg", &["-quality", "90", "-grayscale"], &pgm)
        })
        .collect();
    // Each segment of the grey ones, by its marker; the scan with all that follows but the end.
    let segment = |jpeg: &[u8], marker: u8| {
        let mut at = 2;
        let mut found = Vec::new();
        loop {
            let length = usize::from(jpeg[at + 2]) << 8 | usize::from(jpeg[at + 3]);
            if jpeg[at + 1] == 0xda {
                if marker == 0xda {
                    found.extend_from_slice(&jpeg[at..jpeg.len() - 2]);
                }
                return found;
            }
            if jpeg[at + 1] == marker {
                found.extend_from_slice(&jpeg[at..at + 2 + length]);
            }
            at += 2 + length;
        }
    };
    let mut out = vec![0xff, 0xd8, 0xff, 0xee, 0, 14];
    out.extend(b"Adobe\0\x64\0\0\0\0");
    out.push(adobe);
    out.extend(segment(&grey[0], 0xdb));
    out.extend([0xff, 0xc0, 0, 20, 8, 0, HEIGHT as u8, 0, WIDTH as u8, 4]);
    for (id, (across, down)) in (1..).zip(factors) {
        out.extend([id, across << 4 | down, 0]);
    }
    out.extend(segment(&grey[0], 0xc4));
    for (id, jpeg) in (1..).zip(&grey) {
        let mut scan = segment(jpeg, 0xda);
        scan[5] = id;
        out.extend(scan);
    }
    out.extend([0xff, 0xd9]);
    out
}

#[test]
#[ignore = "writes jpeg-grid/grid.tgz"]
fn the_grid_is_drawn() {
    let workshop = Workshop(std::env::temp_dir().join("resnette-jpeg-grid"));
    fs::create_dir_all(&workshop.0).unwrap();
    let colour = planes();
    let drawing = ppm(&colour);
    let quality = ["-quality", "90"];
    let cjpeg = |more: &[&str]| workshop.run("cjpeg", &[&quality[..], more].concat(), &drawing);
    let mut pictures = vec![("grey".to_owned(), 1, cjpeg(&["-grayscale"]))];
    pictures.push(("grey-in-twos".into(), 1, cjpeg(&["-grayscale", "-sample", "2x2"])));
    for (name, factors) in SAMPLINGS {
        pictures.push((name.into(), 3, cjpeg(&["-sample", factors])));
    }
    pictures.push(("rgb-444".into(), 3, cjpeg(&["-rgb", "-sample", "1x1"])));
    pictures.push(("rgb-420".into(), 3, cjpeg(&["-rgb", "-sample", "2x2,1x1,1x1"])));
    let black: Vec<u8> = (0..WIDTH * HEIGHT).map(|at| 255 - (at % WIDTH * 4) as u8).collect();
    let [red, green, blue] = colour.clone();
    let inks = [red, green, blue, black.clone()];
    let inverted = colour.map(|plane| plane.iter().map(|value| 255 - value).collect());
    let [luminance, first, second] = ycc(&inverted);
    let ycck = [luminance, first, second, black];
    let (one, two) = ((1, 1), (2, 2));
    pictures.push(("cmyk-444".into(), 4, four(&workshop, &inks, [one; 4], 0)));
    pictures.push(("ycck-444".into(), 4, four(&workshop, &ycck, [one; 4], 2)));
    pictures.push(("ycck-420".into(), 4, four(&workshop, &ycck, [two, one, one, two], 2)));

    let mut files = Vec::new();
    for (name, components, jpeg) in pictures {
        let djpeg = |jpeg: &[u8]| {
            // It writes four inks as red, green and blue unasked, and refuses to if asked.
            let asked: &[&str] = if components == 4 { &["-pnm"] } else { &["-rgb", "-pnm"] };
            workshop.run("djpeg", asked, jpeg)
        };
        let pixels = djpeg(&jpeg);
        for scans in SCANS {
            if components == 1 && scans != "together" && scans != "progressive" {
                continue;
            }
            for (restarts, restart) in RESTARTS {
                let member = workshop.rescan(&jpeg, components, scans, restart);
                assert!(djpeg(&member) == pixels, "{name} {scans}");
                files.push((format!("{name}/{scans}{restarts}.jpg"), member));
            }
        }
        let arithmetic = workshop.run("jpegtran", &["-arithmetic", "-copy", "all"], &jpeg);
        files.push((format!("{name}/arithmetic.jpg"), arithmetic));
        files.push((format!("{name}/pixels.ppm"), pixels));
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/jpeg-grid");
    fs::create_dir_all(&path).unwrap();
    fs::write(path.join("grid.tgz"), gzip(&tar(&files))).unwrap();
    println!("{} files", files.len());
}
