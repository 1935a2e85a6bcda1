//! Addresses of pretrained networks on the Hugging Face Hub (<https://huggingface.co>), the only
//! place that networks are fetched from.

/// Longest path of an address, in bytes.
const MAX_PATH_BYTES: usize = 500;
/// What every address begins with.
const HUB: &str = "https://huggingface.co/";

/// Why an address is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HubError {
    /// The address is not on the Hub.
    #[error(
        "networks are fetched from https://huggingface.co/ only; download the file and open it \
         instead"
    )]
    Elsewhere,
    /// The address is not that of a safetensors file.
    #[error(
        "this is no address of a safetensors file; it ends with “.safetensors”, or is a name like \
         timm/resnet18.a1_in1k"
    )]
    NoFile,
}

/// The address of the file that a person means by `text`: the address of a file or of its page on
/// the Hub, or `owner/name`, which means the file `model.safetensors` of that repository.
///
/// # Errors
/// [`HubError::Elsewhere`] for an address that is not on the Hub, [`HubError::NoFile`] for anything
/// else that is not a safetensors file.
///
/// # Examples
/// ```
/// use resnette_spec::pretrained::address;
///
/// assert_eq!(
///     address("timm/resnet18.a1_in1k").as_deref(),
///     Ok("https://huggingface.co/timm/resnet18.a1_in1k/resolve/main/model.safetensors")
/// );
/// ```
pub fn address(text: &str) -> Result<String, HubError> {
    let text = text.trim();
    let path = match text.strip_prefix(HUB) {
        Some(path) => path,
        None if text.contains("://") => return Err(HubError::Elsewhere),
        None => text,
    };
    let path = path.split(['?', '#']).next().unwrap_or_default().replacen("/blob/", "/resolve/", 1);
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    let parts: Vec<&str> = path.split('/').collect();
    if path.len() > MAX_PATH_BYTES
        || !path.chars().all(plain)
        || parts.iter().any(|part| part.is_empty() || part.chars().all(|c| c == '.'))
    {
        return Err(HubError::NoFile);
    }
    match parts[..] {
        [_, _] => Ok(format!("{HUB}{path}/resolve/main/model.safetensors")),
        [_, _, "resolve", _, ..] if path.ends_with(".safetensors") => Ok(format!("{HUB}{path}")),
        _ => Err(HubError::NoFile),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_addresses_lead_to_the_file() {
        let file = "https://huggingface.co/timm/resnet18.a1_in1k/resolve/main/model.safetensors";
        for text in [
            "timm/resnet18.a1_in1k",
            " https://huggingface.co/timm/resnet18.a1_in1k ",
            file,
            &file.replace("resolve", "blob"),
        ] {
            assert_eq!(address(text).as_deref(), Ok(file), "{text}");
        }
        assert_eq!(address(&format!("{file}?download=true")).as_deref(), Ok(file));
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "http://huggingface.co/a/b",
            "https://huggingface.co.evil.example/a/b",
            "https://user@huggingface.co/a/b",
            "blob://x",
        ] {
            assert_eq!(address(text), Err(HubError::Elsewhere), "{text}");
        }
        for text in [
            "",
            "resnet18",
            "a/b/c",
            "a/../b",
            "a/b/resolve/main/x.bin",
            "a/b%2f",
            "https://huggingface.co/",
            "a//b",
        ] {
            assert_eq!(address(text), Err(HubError::NoFile), "{text}");
        }
        assert_eq!(address(&format!("a/{}", "b".repeat(600))), Err(HubError::NoFile));
    }
}
