//! A run as the hash of the page's address: `#key=value&…`.
//!
//! The page adds keys of its own to a link, [`PAGE_KEYS`], which say what it shows. They are no
//! part of the run: [`read_run`] passes over them, and the page reads them from [`pairs`].

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use crate::recipe::Augment;
use crate::run_config::RunConfig;
use crate::settings::{SETTINGS, SettingError};

/// The keys of a link that belong to the page: what it shows, and whether it starts training.
pub const PAGE_KEYS: &[&str] =
    &["autostart", "view", "step", "presenter", "present", "lock", "join"];

/// The most bytes of a hash that is read. The page never writes a longer one.
const LONGEST: usize = 8_000;

/// What is percent-encoded in a value. Commas, slashes and colons stay readable.
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b',').remove(b'.').remove(b'-').remove(b'_').remove(b'/').remove(b':');

/// The keys and values of a hash, with or without its `#`, in their order and without their
/// percent-encoding. What is not valid percent-encoding stays as it is, and a key without `=` has
/// an empty value.
///
/// ```
/// use resnette_spec::link::pairs;
///
/// let pairs = pairs("#epochs=3&data=http%3A%2F%2Flocalhost")?;
/// let expected = [("epochs", "3"), ("data", "http://localhost")];
/// assert_eq!(pairs, expected.map(|(key, value)| (key.to_string(), value.to_string())));
/// # Ok::<(), resnette_spec::SettingError>(())
/// ```
///
/// # Errors
/// [`SettingError::Bad`] if the hash is longer than 8,000 bytes.
pub fn pairs(hash: &str) -> Result<Vec<(String, String)>, SettingError> {
    let hash = hash.trim_start_matches('#');
    if hash.len() > LONGEST {
        return Err(SettingError::Bad {
            key: "link".into(),
            value: hash.chars().take(20).chain(['…']).collect(),
            wanted: format!("at most {LONGEST} characters are wanted"),
        });
    }
    let decode = |text| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let pairs = hash.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(key), decode(value))
    });
    Ok(pairs.collect())
}

/// Reads the run that a hash describes, with or without its `#`. A setting that the hash does not
/// have keeps its default, and so does one whose value is refused; the errors say which and why.
///
/// ```
/// use resnette_spec::read_run;
///
/// let (run, problems) = read_run("#epochs=3&layers=1,1,1,1&lr=fast&view=train");
/// assert_eq!(run.recipe.epochs, 3);
/// assert_eq!(run.net.layers, [1, 1, 1, 1]);
/// assert_eq!(run.recipe.lr, 0.006);
/// assert_eq!(
///     problems[0].to_string(),
///     "lr=fast was refused: a number from 0.00000001 to 10 is wanted. The setting keeps its value"
/// );
/// ```
pub fn read_run(hash: &str) -> (RunConfig, Vec<SettingError>) {
    let mut run = RunConfig::default();
    let pairs = match pairs(hash) {
        Ok(pairs) => pairs,
        Err(problem) => return (run, vec![problem]),
    };
    let settings = pairs.iter().filter(|(key, _)| !PAGE_KEYS.contains(&key.as_str()));
    let problems = settings.filter_map(|(key, value)| run.set(key, value).err()).collect();
    (run, problems)
}

/// Reads the run of a link that a program of ours has kept: in a saved run, the file of a network,
/// a recorded run or the list of runs. It means what it meant when it was written, so that a run
/// goes on with the pictures that it began with: the augmentations had no numbers before version 2,
/// and have had one in every kept link since.
///
/// ```
/// use resnette_spec::{Augment, RunConfig, read_kept_run, read_run, write_run};
///
/// assert_eq!(read_run("augment=crop-flip").0.recipe.augment, Augment::CropFlip);
/// assert_eq!(read_kept_run("augment=crop-flip").0.recipe.augment, Augment::CropFlipV1);
/// let run = RunConfig::default();
/// assert_eq!(read_kept_run(&write_run(&run)), (run, vec![]));
/// ```
pub fn read_kept_run(link: &str) -> (RunConfig, Vec<SettingError>) {
    let (mut run, problems) = read_run(link);
    let pairs = pairs(link).unwrap_or_default();
    let last = pairs.iter().rev().find(|(key, _)| key == "augment");
    if let Some(first) = last.and_then(|(_, name)| Augment::first_version(name.trim())) {
        run.recipe.augment = first;
    }
    (run, problems)
}

/// Writes the settings of a run as a hash without its `#`. It lists every setting but the optional
/// ones that have their default, so that a link means the same run even after a default has
/// changed.
///
/// ```
/// use resnette_spec::{RunConfig, read_run, write_run};
///
/// let mut run = RunConfig::default();
/// run.net.layers = vec![3, 4, 6, 3];
/// run.data.base = "http://localhost:8080/my photos".into();
/// let hash = write_run(&run);
/// assert!(hash.contains("&layers=3,4,6,3&"));
/// assert!(hash.contains("&data=http://localhost:8080/my%20photos&"));
/// assert_eq!(read_run(&hash), (run, vec![]));
/// ```
pub fn write_run(run: &RunConfig) -> String {
    let listed = SETTINGS.iter().filter_map(|setting| {
        let value = setting.get(run);
        let listed = !setting.optional || value != setting.default_value();
        listed.then(|| format!("{}={}", setting.key, utf8_percent_encode(&value, ENCODED)))
    });
    listed.collect::<Vec<_>>().join("&")
}

/// The hash that opens a run on the page, at the place where runs are shown. Saved runs and models
/// keep their settings in this form.
pub fn run_link(run: &RunConfig) -> String {
    format!("{}&view=train", write_run(run))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Source;

    /// Every link and every saved file has the settings in this order and spelling.
    #[test]
    fn the_default_run_is_written_as_it_always_was() {
        assert_eq!(
            run_link(&RunConfig::default()),
            "source=huggingface&photos=160px&train=150&valid=50&size=64&net=resnet&layers=2,2,2,2\
             &block=bottleneck&expansion=1&width=32&stem=16,16,32&epochs=5&bs=64&lr=0.006&wd=0.01\
             &mixup=0&smoothing=0.1&augment=crop-flip-v2&schedule=one-cycle&accumulate=1&seed=0\
             &backend=auto&view=train"
        );
    }

    #[test]
    fn a_run_reads_back_as_it_was_written() {
        let (run, problems) = read_run(
            "#source=url&data=http%3A%2F%2Flocalhost%3A80%2Fd%26x&layers=1,1,1,1&expansion=4\
             &lr=0.003&grow=24,32&stem=",
        );
        assert_eq!(problems, []);
        assert_eq!(
            (run.data.source, run.data.base.as_str()),
            (Source::Url, "http://localhost:80/d&x")
        );
        let written = write_run(&run);
        assert!(written.contains("&data=http://localhost:80/d%26x&"), "{written}");
        assert!(written.contains("&stem=&") && written.contains("&grow=24,32&"), "{written}");
        assert_eq!(read_run(&written), (run, vec![]));
    }

    /// A link without a number means the newest version where a person wrote it, and the first one
    /// where a program before version 2 did.
    #[test]
    fn kept_links_mean_what_they_meant() {
        use Augment::{CropFlip, CropFlipV1, Full, FullV1};

        for (name, typed, kept) in [
            ("crop-flip", CropFlip, CropFlipV1),
            ("full", Full, FullV1),
            ("none", Augment::None, Augment::None),
            ("crop-flip-v1", CropFlipV1, CropFlipV1),
            ("full-v1", FullV1, FullV1),
            ("crop-flip-v2", CropFlip, CropFlip),
            ("full-v2", Full, Full),
        ] {
            let link = format!("#epochs=2&augment=none&augment={name}&view=train");
            for (read, wanted) in [(read_run(&link), typed), (read_kept_run(&link), kept)] {
                assert_eq!((read.0.recipe.augment, read.1), (wanted, vec![]), "{name}");
                let again = run_link(&read.0);
                assert_eq!(read_run(&again).0, read.0, "{name}");
                assert_eq!(read_kept_run(&again).0, read.0, "{name}");
            }
        }
        assert_eq!(read_kept_run("augment=sharper").1.len(), 1);
    }

    #[test]
    fn a_bad_value_is_reported_and_the_rest_is_kept() {
        let (run, problems) = read_run("#lr=abc&epochs=3&nonsense=1&view=nowhere");
        assert_eq!(run.recipe.epochs, 3);
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(told.len() == 2 && told[0].contains("lr=abc"), "{told:?}");
        assert!(told[1].contains("nonsense"), "{told:?}");
    }

    #[test]
    fn no_setting_has_a_key_of_the_page() {
        assert!(SETTINGS.iter().all(|setting| !PAGE_KEYS.contains(&setting.key)));
    }

    #[test]
    fn broken_encodings_do_not_panic() {
        let long = "a".repeat(10_000);
        for hash in ["%", "%4", "%zz=1", "data=%F0%9F", "=&=&==", "data=日本%", &long] {
            let _ = read_run(hash);
        }
    }

    /// Two hexadecimal digits are a byte; a sign and a digit are not, though
    /// [`u8::from_str_radix`] reads them.
    #[test]
    fn only_hexadecimal_digits_are_decoded() {
        for (encoded, decoded) in [
            ("/a%+fb", "/a%+fb"),
            ("/a%-0b", "/a%-0b"),
            ("/a%2Fb", "/a/b"),
            ("/a%2fb", "/a/b"),
            ("/%C3%A9", "/é"),
            ("/a%%2Fb", "/a%/b"),
            ("/100%", "/100%"),
        ] {
            assert_eq!(read_run(&format!("data={encoded}")).0.data.base, decoded, "{encoded}");
        }
    }
}
