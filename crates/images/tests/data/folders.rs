//! Folders of class folders, loose files, and classes made on the page.

use resnette_images::load::LoadError;

use crate::fixtures::{folder, jpeg, lying_jpeg};
use crate::made::{Held, config, held, load};

#[test]
fn a_folder_of_class_folders_is_split_one_in_five() {
    let mut files = folder("pets", &["cat", "dog"], 20);
    files.extend((0..5).map(|index| (format!("pets/ant/{index}.jpg"), jpeg(2, index))));
    let (set, problems) = load(&held(&files), &config(100, 100), 0);
    let set = set.unwrap();
    assert_eq!(problems, []);
    assert_eq!(set.classes, ["ant", "cat", "dog"]);
    let count = |samples: &[resnette_images::dataset::Sample], label| {
        samples.iter().filter(|sample| sample.label == label).count()
    };
    assert_eq!(
        [0, 1, 2].map(|label| (count(&set.train, label), count(&set.valid, label))),
        [(4, 1), (16, 4), (16, 4)]
    );
    assert_eq!(set.source, "pets");
    // Validation pictures are squares of the network's size, training pictures whole.
    assert!(
        set.valid.iter().all(|sample| (sample.picture.width, sample.picture.height) == (16, 16))
    );
    assert!(set.train.iter().all(|sample| sample.picture.width.min(sample.picture.height) == 20));
}

#[test]
fn fewer_are_taken_where_fewer_are_wanted_and_the_split_keeps_its_limits() {
    let (set, _) = load(&held(&folder("pets", &["cat", "dog"], 40)), &config(10, 3), 0);
    let set = set.unwrap();
    assert_eq!((set.train.len(), set.valid.len()), (20, 6));
}

#[test]
fn a_split_that_is_given_is_kept_and_one_half_alone_is_split() {
    let mut files = folder("pets/train", &["cat", "dog"], 10);
    files.extend(folder("pets/valid", &["cat", "dog"], 2));
    let (set, _) = load(&held(&files), &config(100, 100), 0);
    let set = set.unwrap();
    assert_eq!((set.train.len(), set.valid.len()), (20, 4));
    for part in ["train", "val"] {
        let (set, _) = load(
            &held(&folder(&format!("pets/{part}"), &["cat", "dog"], 10)),
            &config(100, 100),
            0,
        );
        let set = set.unwrap();
        assert_eq!((set.train.len(), set.valid.len()), (16, 4), "{part}");
    }
}

#[test]
fn too_few_classes_or_pictures_are_told() {
    let (set, _) = load(&held(&folder("pets", &["cat"], 20)), &config(10, 10), 0);
    let error = set.unwrap_err();
    assert!(matches!(&error, LoadError::FewClasses { class, .. } if class == "cat"));
    assert!(error.to_string().contains("at least 2"), "{error}");
    let mut files = folder("pets", &["cat", "dog"], 6);
    files.extend(folder("pets", &["ant"], 4));
    let (set, _) = load(&held(&files), &config(10, 10), 0);
    let error = set.unwrap_err().to_string();
    assert!(
        error.contains("ant (4)") && !error.contains("cat") && error.contains("at least 5"),
        "{error}"
    );
    let (set, _) = load::<Held>(&[], &config(10, 10), 0);
    assert!(matches!(set, Err(LoadError::Nothing(_))));
}

#[test]
fn broken_pictures_are_replaced_and_listed() {
    let mut files = folder("pets", &["cat", "dog"], 12);
    for (_, bytes) in files.iter_mut().take(4) {
        *bytes = vec![0xff, 0xd8, 0xff, 0xe0, 1, 2, 3];
    }
    let (set, problems) = load(&held(&files), &config(6, 2), 0);
    let set = set.unwrap();
    assert_eq!((set.train.len(), set.valid.len()), (12, 4));
    assert!(
        problems.len() <= 4 && problems.iter().all(|problem| problem.name.starts_with("pets/cat/")),
        "{problems:?}"
    );
    // All of them are wanted: eight of the class are left, and a fifth of those validates.
    let (set, problems) = load(&held(&files), &config(100, 100), 0);
    let set = set.unwrap();
    assert_eq!((set.train.len(), set.valid.len(), problems.len()), (6 + 10, 2 + 2, 4));
}

#[test]
fn ten_thousand_files_in_one_drop() {
    let mut files = folder("pets", &["cat", "dog"], 10);
    files.extend((0..10_000).map(|index| (format!("junk/{index}/{index}.bin"), vec![1])));
    let (set, problems) = load(&held(&files), &config(10, 10), 0);
    assert_eq!(set.unwrap().train.len(), 16);
    assert_eq!((problems.len(), problems[100].name.as_str()), (101, "9900 more"));
    // Ten thousand pictures that are none: each is tried, none is fatal.
    let files: Vec<_> = (0..10_000)
        .map(|index| Held::new(format!("pets/{}/{index}.jpg", index % 3), vec![1, 2]))
        .collect();
    let (set, problems) = load(&files, &config(10, 10), 0);
    assert!(set.is_err());
    assert_eq!(problems.len(), 101);
}

#[test]
fn loose_pictures_need_a_class_in_their_name() {
    let files: Vec<_> = (0..6)
        .flat_map(|index| {
            [("n01440764", 0), ("n03888257", 9)]
                .map(|(id, class)| Held::new(format!("{id}_{index}.JPEG"), jpeg(class, index)))
        })
        .collect();
    let (set, problems) = load(&files, &config(10, 10), 0);
    let set = set.unwrap();
    assert_eq!(
        (set.classes, problems),
        (vec!["tench".to_string(), "parachute".to_string()], vec![])
    );
    let (set, problems) = load(
        &[Held::new("holiday.jpg", jpeg(0, 0)), Held::new("notes.txt", "hm")],
        &config(10, 10),
        0,
    );
    assert!(set.is_err());
    assert!(
        problems[0].reason.contains("class folder") && problems[1].name == "notes.txt",
        "{problems:?}"
    );
}

#[test]
fn odd_pictures_are_taken_or_refused_but_never_fatal() {
    let mut files = folder("pets", &["cat", "dog"], 6);
    let png = |width, height, colour: [u8; 4]| {
        let mut out = std::io::Cursor::new(Vec::new());
        image::RgbaImage::from_pixel(width, height, image::Rgba(colour))
            .write_to(&mut out, image::ImageFormat::Png)
            .unwrap();
        out.into_inner()
    };
    files.push(("pets/cat/dot.png".into(), png(1, 1, [9, 9, 9, 255])));
    files.push(("pets/cat/thread.png".into(), png(1, 30_000, [9, 9, 9, 0])));
    // A hundred megapixels, honestly: a megabyte of the same colour.
    files.push(("pets/cat/huge.png".into(), png(10_000, 10_000, [9, 9, 9, 255])));
    // A header that lies: a JPEG of 65,500 pixels squared with the data of a small one.
    files.push(("pets/cat/lying.jpg".into(), lying_jpeg()));
    let (set, problems) = load(&held(&files), &config(100, 100), 0);
    let set = set.unwrap();
    assert_eq!(set.train.len() + set.valid.len(), 14);
    let names: Vec<&str> = problems.iter().map(|problem| problem.name.as_str()).collect();
    assert_eq!(names.len(), 2, "{problems:?}");
    assert!(names.contains(&"pets/cat/huge.png") && names.contains(&"pets/cat/lying.jpg"));
    assert!(set.train.iter().chain(&set.valid).all(|sample| sample.picture.rgb.len() < 10_000));
}
