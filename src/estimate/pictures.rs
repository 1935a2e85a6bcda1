//! How many pictures a run of given settings would have.

use resnette_picture::report::DataReport;
use resnette_spec::run_time::PictureCounts;
use resnette_spec::{DataConfig, Source};

/// Imagenette's pictures, all classes together: those to train on and those to validate with.
const IMAGENETTE: PictureCounts = PictureCounts { train: 9_469, valid: 3_925 };

/// What is known of the pictures before they are loaded for a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KnownPictures {
    /// The reader opened files, whose classes have so many pictures to train on and to validate
    /// with.
    Opened(Vec<(u32, u32)>),
    /// So many classes, each with as many pictures as the settings say.
    Classes(u32),
}

impl KnownPictures {
    /// What is known for pictures of this source, from the report about those of `report_source`
    /// that are loaded. `None` if they are files that have not been read yet.
    pub fn of(source: Source, report: Option<&DataReport>, report_source: Source) -> Option<Self> {
        let report = report.filter(|_| source == report_source);
        match (source, report) {
            (Source::Files, report) => report.map(|report| {
                let classes = report.classes.iter();
                Self::Opened(classes.map(|class| (class.train, class.valid)).collect())
            }),
            (_, Some(report)) => Some(Self::Classes(report.classes.len() as u32)),
            (_, None) => Some(Self::Classes(resnette_picture::classes::IMAGENETTE.len() as u32)),
        }
    }

    /// The pictures of a run of these settings.
    pub fn counts(&self, data: &DataConfig) -> PictureCounts {
        let of_class = |(train, valid): (u32, u32)| PictureCounts {
            train: train.min(data.train).into(),
            valid: valid.min(data.valid).into(),
        };
        match self {
            Self::Opened(classes) => classes.iter().copied().map(of_class).fold(
                PictureCounts::default(),
                |sum, class| PictureCounts {
                    train: sum.train + class.train,
                    valid: sum.valid + class.valid,
                },
            ),
            Self::Classes(classes) => {
                let each = of_class((data.train, data.valid));
                let (train, valid) =
                    (each.train * u64::from(*classes), each.valid * u64::from(*classes));
                match data.source {
                    Source::HuggingFace => PictureCounts {
                        train: train.min(IMAGENETTE.train),
                        valid: valid.min(IMAGENETTE.valid),
                    },
                    Source::Url | Source::Drawn | Source::Files => PictureCounts { train, valid },
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use resnette_picture::report::ClassReport;

    use super::*;

    fn report(classes: &[(u32, u32)]) -> DataReport {
        let class =
            |&(train, valid): &(u32, u32)| ClassReport { train, valid, ..ClassReport::default() };
        DataReport { classes: classes.iter().map(class).collect(), ..DataReport::default() }
    }

    fn data(source: Source, train: u32, valid: u32) -> DataConfig {
        DataConfig { source, train, valid, ..DataConfig::default() }
    }

    fn counts(known: Option<KnownPictures>, data: &DataConfig) -> Option<(u64, u64)> {
        known.map(|known| known.counts(data)).map(|counts| (counts.train, counts.valid))
    }

    #[test]
    fn opened_files_have_what_they_have_and_never_more_than_is_wanted() {
        let report = report(&[(40, 10), (200, 50)]);
        let known = || KnownPictures::of(Source::Files, Some(&report), Source::Files);
        assert_eq!(counts(known(), &data(Source::Files, 150, 20)), Some((190, 30)));
        assert_eq!(counts(known(), &data(Source::Files, 30, 10)), Some((60, 20)));
        assert_eq!(KnownPictures::of(Source::Files, None, Source::Files), None);
        // Pictures of another source say nothing about them.
        assert_eq!(KnownPictures::of(Source::Files, Some(&report), Source::Drawn), None);
    }

    #[test]
    fn other_sources_have_what_the_settings_say() {
        let drawn = KnownPictures::of(Source::Drawn, None, Source::HuggingFace);
        assert_eq!(counts(drawn, &data(Source::Drawn, 150, 50)), Some((1_500, 500)));
        let two = report(&[(8, 4), (8, 4)]);
        let url = KnownPictures::of(Source::Url, Some(&two), Source::Url);
        assert_eq!(counts(url, &data(Source::Url, 150, 50)), Some((300, 100)));
        let all = KnownPictures::of(Source::HuggingFace, None, Source::HuggingFace);
        let most = data(Source::HuggingFace, 20_000, 20_000);
        assert_eq!(counts(all, &most), Some((9_469, 3_925)));
    }
}
