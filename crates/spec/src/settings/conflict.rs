//! Settings that contradict each other, though each of the values is accepted by itself.
//!
//! Links, fields and the command line refuse them. Runs and models that earlier versions saved may
//! have them all the same and stay readable: [`crate::schedule::picture_size`] says what they mean.

use crate::block_place::BlockPlace;
use crate::run_config::RunConfig;
use crate::settings::error::SettingError;

impl RunConfig {
    /// Which setting contradicts another one, and why; `None` if none does. The sizes that a run
    /// starts with (`grow`) may not be beyond its full `size`, at which its pictures are kept, and
    /// a batch is mixed in one way: by `mixup` or by `cutmix`. Only a skip connection that the
    /// network has is cut.
    pub fn conflict(&self) -> Option<SettingError> {
        self.size_conflict().or_else(|| self.mix_conflict()).or_else(|| self.cut_conflict())
    }

    fn size_conflict(&self) -> Option<SettingError> {
        let full = self.data.size;
        let value = || self.get("grow").unwrap_or_default();
        self.recipe.grow.iter().any(|&size| size > full).then(|| {
            let wanted = format!("no size above the run's own, size={full}, is wanted");
            SettingError::bad("grow", &value(), wanted)
        })
    }

    fn mix_conflict(&self) -> Option<SettingError> {
        let recipe = &self.recipe;
        (recipe.mixup > 0.0 && recipe.cutmix > 0.0).then(|| {
            let wanted = format!("0 is wanted, since the run has mixup={}", recipe.mixup);
            SettingError::bad("cutmix", &recipe.cutmix.to_string(), wanted)
        })
    }

    fn cut_conflict(&self) -> Option<SettingError> {
        let net = &self.net;
        net.cut.iter().any(|&place| !net.has_skip(place)).then(|| {
            let [layers, block] = ["layers", "block"].map(|key| self.get(key).unwrap_or_default());
            let wanted = format!(
                "must name blocks that have a skip connection with layers={layers} and \
                 block={block}"
            );
            SettingError::bad("cut", &BlockPlace::write_list(&net.cut), wanted)
        })
    }

    /// Takes back the settings that contradict others, so that they have their defaults, and says
    /// which they were: what a link says is read as a whole, since its keys may stand in any order.
    ///
    /// ```
    /// use resnette_spec::read_run;
    ///
    /// let (mut run, _) = read_run("grow=48,96&size=64");
    /// assert_eq!(
    ///     run.resolve_conflicts()[0].to_string(),
    ///     "grow=48,96 was refused: no size above the run's own, size=64, is wanted. The setting \
    ///      keeps its value"
    /// );
    /// assert!(run.recipe.grow.is_empty() && run.resolve_conflicts().is_empty());
    /// ```
    pub fn resolve_conflicts(&mut self) -> Vec<SettingError> {
        let (sizes, mixes) = (self.size_conflict(), self.mix_conflict());
        let cuts = self.cut_conflict();
        if sizes.is_some() {
            self.recipe.grow.clear();
        }
        if mixes.is_some() {
            self.recipe.cutmix = 0.0;
        }
        if cuts.is_some() {
            self.net.cut.clear();
        }
        sizes.into_iter().chain(mixes).chain(cuts).collect()
    }

    /// Changes one setting of a run: [`Self::set`] that also refuses a value which would contradict
    /// another setting.
    ///
    /// # Errors
    /// [`SettingError`], and nothing is changed.
    pub fn change(&mut self, key: &str, value: &str) -> Result<(), SettingError> {
        let mut changed = self.clone();
        changed.set(key, value)?;
        let refused = match key {
            "grow" => changed.size_conflict(),
            "size" => changed.size_conflict().map(|_| {
                let largest = changed.recipe.grow.iter().max().copied().unwrap_or_default();
                let wanted = format!(
                    "at least {largest} is wanted, one of the sizes that the run starts with (grow)"
                );
                SettingError::bad(key, value, wanted)
            }),
            "cutmix" => changed.mix_conflict(),
            "mixup" => changed.mix_conflict().map(|_| {
                let cutmix = changed.recipe.cutmix;
                let wanted = format!("0 is wanted, since the run has cutmix={cutmix}");
                SettingError::bad(key, value, wanted)
            }),
            "cut" => changed.cut_conflict(),
            "layers" | "block" => changed.cut_conflict().map(|_| {
                let cut = BlockPlace::write_list(&changed.net.cut);
                let wanted = format!(
                    "the network must still have the blocks in cut={cut}, with skip connections"
                );
                SettingError::bad(key, value, wanted)
            }),
            _ => None,
        };
        if let Some(refused) = refused {
            return Err(refused);
        }
        *self = changed;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::read_run;

    #[test]
    fn sizes_up_to_the_full_one_are_no_conflict() {
        for settings in ["", "grow=16,64", "size=320&grow=320", "grow=96&size=96"] {
            let (mut run, problems) = read_run(settings);
            assert_eq!((problems, run.conflict()), (vec![], None), "{settings}");
            let before = run.clone();
            assert_eq!((run.resolve_conflicts(), run), (vec![], before), "{settings}");
        }
    }

    #[test]
    fn a_change_that_contradicts_another_setting_is_refused_by_name() {
        let mut run = read_run("size=128&grow=64,96").0;
        for (key, value, words) in [
            ("grow", "64,129", "grow=64,129 was refused: no size above the run's own, size=128"),
            ("size", "95", "size=95 was refused: at least 96 is wanted"),
            ("size", "9", "size=9 was refused: a whole number from 16"),
        ] {
            let before = run.clone();
            let told = run.change(key, value).unwrap_err().to_string();
            assert!(told.starts_with(words), "{told}");
            assert_eq!(run, before);
        }
        run.change("size", "96").unwrap();
        run.change("grow", "").unwrap();
        run.change("size", "32").unwrap();
        assert_eq!((run.data.size, run.recipe.grow.len()), (32, 0));
    }

    /// A run of an earlier version that has such sizes can still be changed elsewhere.
    #[test]
    fn other_settings_of_a_run_with_a_conflict_can_be_changed() {
        let mut run = read_run("size=64&grow=96").0;
        run.change("epochs", "7").unwrap();
        assert_eq!(run.recipe.epochs, 7);
    }

    #[test]
    fn only_skips_that_the_network_has_are_cut() {
        for settings in ["cut=2.1&layers=2,2", "layers=1,1&block=basic&cut=1.1,2.1", "cut="] {
            let (mut run, problems) = read_run(settings);
            assert_eq!((problems, run.resolve_conflicts()), (vec![], vec![]), "{settings}");
        }
        for settings in ["cut=3.1&layers=2,2", "layers=1,2&cut=1.1,1.2", "cut=1.1&block=plain"] {
            let (mut run, problems) = read_run(settings);
            assert_eq!(problems, []);
            let told = run.resolve_conflicts().iter().map(ToString::to_string).collect::<String>();
            assert!(told.starts_with("cut=") && told.contains("layers="), "{told}");
            assert!(run.net.cut.is_empty() && run.conflict().is_none());
        }
        let mut run = read_run("layers=2,2&cut=2.2").0;
        for (key, value) in [("layers", "2,1"), ("block", "plain"), ("cut", "3.1")] {
            let refused = run.change(key, value).unwrap_err().to_string();
            assert!(refused.starts_with(&format!("{key}={value} was refused")), "{refused}");
        }
        run.change("layers", "2,3").unwrap();
        run.change("cut", "").unwrap();
        run.change("block", "plain").unwrap();
    }

    #[test]
    fn a_batch_is_mixed_in_one_way() {
        for settings in ["mixup=0.4&cutmix=1", "cutmix=1&mixup=0.4"] {
            let (mut run, problems) = read_run(settings);
            assert_eq!(problems, []);
            let told = run.resolve_conflicts().iter().map(ToString::to_string).collect::<String>();
            assert!(told.starts_with("cutmix=1 was refused: 0 is wanted"), "{told}");
            assert_eq!((run.recipe.mixup, run.recipe.cutmix), (0.4, 0.0));
            let refused = run.change("cutmix", "0.5").unwrap_err().to_string();
            assert!(refused.ends_with("mixup=0.4. The setting keeps its value"), "{refused}");
            run.change("mixup", "0").unwrap();
            run.change("cutmix", "0.5").unwrap();
            let refused = run.change("mixup", "0.2").unwrap_err().to_string();
            assert!(refused.starts_with("mixup=0.2 was refused"), "{refused}");
        }
    }
}
