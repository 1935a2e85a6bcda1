//! Named settings: a preset is a piece of a link, so it can do nothing that a link cannot.

/// Several settings under one name, written as a piece of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preset {
    /// The label of its button.
    pub name: &'static str,
    /// What it is for, in one line.
    pub about: &'static str,
    /// The settings, as a link has them: `key=value&…`.
    pub settings: &'static str,
}

/// Presets of a whole run; the first is the page's default. All set the same keys, so that none
/// leaves anything of another behind.
///
/// The last three are the recipe of Imagenette's leaderboard at 128 px, as its authors' program has
/// it (<https://github.com/fastai/imagenette>): Ranger, a flat rate and a cosine down, Mish, label
/// smoothing. Their networks have parts that these presets leave out: grouped convolutions,
/// squeeze-and-excitation, self-attention and blurred pools, which `groups=32`, `se=16`, `sa=1` and
/// `pool=blur` add. What they reach with these is the claim beside the preset, and
/// `docs/results.md` has the table.
pub const PRESETS: &[Preset] = &[
    Preset {
        name: "5 epochs",
        about: "Photos, and a small bottleneck ResNet that a laptop trains in minutes.",
        settings: "source=huggingface&train=150&valid=50&size=64&net=resnet&layers=2,2,2,2&block=bottleneck&expansion=1&width=32&stem=16,16,32&epochs=5&bs=64&lr=0.006&mixup=0&smoothing=0.1&augment=crop-flip&schedule=one-cycle&opt=adam&act=relu&wd=0.01&cutmix=0&erase=0&cut=&se=0&sa=0&groups=1&pool=max&min_scale=0.35&resize=auto",
    },
    Preset {
        name: "20 epochs, as the book",
        about: "The same network for as long as the chapter's last run.",
        settings: "source=huggingface&train=150&valid=50&size=64&net=resnet&layers=2,2,2,2&block=bottleneck&expansion=1&width=32&stem=16,16,32&epochs=20&bs=64&lr=0.006&mixup=0&smoothing=0.1&augment=crop-flip&schedule=one-cycle&opt=adam&act=relu&wd=0.01&cutmix=0&erase=0&cut=&se=0&sa=0&groups=1&pool=max&min_scale=0.35&resize=auto",
    },
    Preset {
        name: "Mixup, 100 epochs",
        about: "The chapter's ending: start it, then get lunch.",
        settings: "source=huggingface&train=150&valid=50&size=64&net=resnet&layers=2,2,2,2&block=bottleneck&expansion=1&width=32&stem=16,16,32&epochs=100&bs=64&lr=0.006&mixup=0.4&smoothing=0.1&augment=crop-flip&schedule=one-cycle&opt=adam&act=relu&wd=0.01&cutmix=0&erase=0&cut=&se=0&sa=0&groups=1&pool=max&min_scale=0.35&resize=auto",
    },
    Preset {
        name: "Classroom, no network",
        about: "Drawn pictures, a narrow network, three quick epochs on any computer.",
        settings: "source=drawn&train=100&valid=30&size=48&net=resnet&layers=1,1,1,1&block=bottleneck&expansion=4&width=16&stem=8,8,16&epochs=3&bs=32&lr=0.006&mixup=0&smoothing=0&augment=crop-flip&schedule=one-cycle&opt=adam&act=relu&wd=0.01&cutmix=0&erase=0&cut=&se=0&sa=0&groups=1&pool=max&min_scale=0.35&resize=auto",
    },
    Preset {
        name: "Leaderboard, 5 epochs",
        about: "The recipe of Imagenette's leaderboard on a ResNet-18, all photos at 128 px. \
                The leaderboard claims 85.77 % with another network; this one is not measured \
                here.",
        settings: "source=huggingface&train=20000&valid=20000&size=128&net=resnet&layers=2,2,2,2&block=basic&expansion=1&width=64&stem=32,32,64&epochs=5&bs=64&lr=0.008&mixup=0&smoothing=0.1&augment=crop-flip&schedule=flat-cos&opt=ranger&act=mish&wd=0.01&cutmix=0&erase=0&cut=&se=0&sa=0&groups=1&pool=max&min_scale=0.35&resize=auto",
    },
    Preset {
        name: "Leaderboard, 20 epochs",
        about: "The recipe of Imagenette's leaderboard on a ResNet-18, all photos at 128 px. \
                The leaderboard claims 91.57 % with another network; this one is not measured \
                here.",
        settings: "source=huggingface&train=20000&valid=20000&size=128&net=resnet&layers=2,2,2,2&block=basic&expansion=1&width=64&stem=32,32,64&epochs=20&bs=64&lr=0.008&mixup=0&smoothing=0.1&augment=crop-flip&schedule=flat-cos&opt=ranger&act=mish&wd=0.01&cutmix=0&erase=0&cut=&se=0&sa=0&groups=1&pool=max&min_scale=0.35&resize=auto",
    },
    Preset {
        name: "Leaderboard, 80 epochs",
        about: "The recipe of Imagenette's leaderboard on a ResNet-18, all photos at 128 px, \
                with Mixup. The leaderboard claims 93.55 % with another network; this one is not \
                measured here.",
        settings: "source=huggingface&train=20000&valid=20000&size=128&net=resnet&layers=2,2,2,2&block=basic&expansion=1&width=64&stem=32,32,64&epochs=80&bs=64&lr=0.008&mixup=0.4&smoothing=0.1&augment=crop-flip&schedule=flat-cos&opt=ranger&act=mish&wd=0.01&cutmix=0&erase=0&cut=&se=0&sa=0&groups=1&pool=max&min_scale=0.35&resize=auto",
    },
];

/// Presets of a network: the chapter's five and the classic depths. They leave the recipe alone.
pub const NETWORKS: &[Preset] = &[
    Preset {
        name: "Tab-sized",
        about: "Bottlenecks without expansion: 0.23 M parameters.",
        settings: "net=resnet&layers=2,2,2,2&block=bottleneck&expansion=1&width=32&stem=16,16,32&cut=&se=0&sa=0&groups=1&pool=max",
    },
    Preset {
        name: "Fully convolutional",
        about: "The chapter's first network: five stride-2 convolutions.",
        settings: "net=fcn&layers=&block=plain&expansion=1&width=16&stem=16,32,64,128,256&cut=&se=0&sa=0&groups=1&pool=max",
    },
    Preset {
        name: "ResBlock ×1",
        about: "The chapter's second: one residual block a stage.",
        settings: "net=fcn&layers=1,1,1,1,1&block=basic&expansion=1&width=16&stem=&cut=&se=0&sa=0&groups=1&pool=max",
    },
    Preset {
        name: "ResBlock ×2",
        about: "The chapter's third: two residual blocks a stage.",
        settings: "net=fcn&layers=2,2,2,2,2&block=basic&expansion=1&width=16&stem=&cut=&se=0&sa=0&groups=1&pool=max",
    },
    Preset {
        name: "ResNet-18",
        about: "The chapter's fourth: stem and stages [2, 2, 2, 2].",
        settings: "net=resnet&layers=2,2,2,2&block=basic&expansion=1&width=64&stem=32,32,64&cut=&se=0&sa=0&groups=1&pool=max",
    },
    Preset {
        name: "ResNet-34",
        about: "Stages [3, 4, 6, 3] of basic blocks.",
        settings: "net=resnet&layers=3,4,6,3&block=basic&expansion=1&width=64&stem=32,32,64&cut=&se=0&sa=0&groups=1&pool=max",
    },
    Preset {
        name: "ResNet-50",
        about: "The chapter's fifth: bottlenecks [3, 4, 6, 3], expansion 4.",
        settings: "net=resnet&layers=3,4,6,3&block=bottleneck&expansion=4&width=64&stem=32,32,64&cut=&se=0&sa=0&groups=1&pool=max",
    },
    Preset {
        name: "ResNet-101",
        about: "Bottlenecks [3, 4, 23, 3].",
        settings: "net=resnet&layers=3,4,23,3&block=bottleneck&expansion=4&width=64&stem=32,32,64&cut=&se=0&sa=0&groups=1&pool=max",
    },
    Preset {
        name: "ResNet-152",
        about: "Bottlenecks [3, 8, 36, 3].",
        settings: "net=resnet&layers=3,8,36,3&block=bottleneck&expansion=4&width=64&stem=32,32,64&cut=&se=0&sa=0&groups=1&pool=max",
    },
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RunConfig, read_run};

    #[test]
    fn every_preset_is_a_valid_link() {
        for preset in PRESETS.iter().chain(NETWORKS) {
            let (_, problems) = read_run(preset.settings);
            assert_eq!(problems, [], "{}", preset.name);
        }
    }

    #[test]
    fn the_first_preset_is_the_default() {
        assert_eq!(read_run(PRESETS[0].settings).0, RunConfig::default());
    }

    #[test]
    fn no_preset_leaves_traces_of_another() {
        let keys = |preset: &Preset| -> Vec<&str> {
            preset.settings.split('&').filter_map(|pair| Some(pair.split_once('=')?.0)).collect()
        };
        for presets in [PRESETS, NETWORKS] {
            for preset in presets {
                assert_eq!(keys(preset), keys(&presets[0]), "{}", preset.name);
            }
        }
    }
}
