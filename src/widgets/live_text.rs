//! Text that changes while the page is open.

use yew::prelude::*;

/// Text in an element that is made again when the text changes. A translator puts other nodes in
/// the place of a text node, and what is written into the old node is not seen; an element that is
/// replaced is.
pub fn live_text(text: impl Into<AttrValue>) -> Html {
    let text = text.into();
    html! { <span key={text.to_string()}>{text}</span> }
}
