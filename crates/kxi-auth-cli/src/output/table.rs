//! Tables for people.

use anstyle::Style;
use comfy_table::{ContentArrangement, presets};

use crate::output::escape::plain;

const HEADINGS: Style = Style::new().bold();

/// A terminal that reports fewer columns does not know its width: under `docker exec -t` it reports 0.
const NARROWEST: u16 = 20;

/// Rows under headings, or the fields of a single item.
pub(crate) struct Table {
    headings: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
    unbroken: bool,
}

/// A cell of one or more lines.
pub(crate) struct Cell {
    lines: Vec<String>,
    /// Text for reading, not for copying. It is wrapped at the width of the terminal.
    prose: bool,
}

impl Cell {
    /// One line for each item, or `-` if there are no items. `none` would be ambiguous, because a role can
    /// have that name.
    pub(crate) fn lines<S: AsRef<str>>(items: &[S]) -> Self {
        if items.is_empty() {
            return "-".into();
        }
        Self { lines: items.iter().map(|item| item.as_ref().to_owned()).collect(), prose: false }
    }

    /// Text that may be wrapped even where other cells are not.
    pub(crate) fn prose(text: impl Into<String>) -> Self {
        Self { prose: true, ..text.into().into() }
    }

    /// The cell as text. `room` is the maximum width of prose.
    fn render(&self, room: Option<u16>) -> String {
        let text = self.lines.iter().map(|line| plain(line)).collect::<Vec<_>>().join("\n");
        match room.filter(|_| self.prose) {
            Some(room) => wrapped(text, room),
            None => text,
        }
    }
}

/// Wraps a text into lines of at most this width.
fn wrapped(text: String, room: u16) -> String {
    let mut table = comfy_table::Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Dynamic).set_width(room);
    table.add_row([text]);
    if let Some(column) = table.column_mut(0) {
        column.set_padding((0, 0));
    }
    table.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>().join("\n")
}

impl<S: Into<String>> From<S> for Cell {
    fn from(text: S) -> Self {
        Self { lines: vec![text.into()], prose: false }
    }
}

impl Table {
    /// Rows under headings.
    pub(crate) fn rows<const N: usize>(
        headings: [&'static str; N],
        rows: impl IntoIterator<Item = [Cell; N]>,
    ) -> Self {
        Self { headings: headings.to_vec(), rows: rows.into_iter().map(Vec::from).collect(), unbroken: false }
    }

    /// Never wraps a cell, however narrow the terminal is, so that values can be copied.
    pub(crate) fn unbroken(self) -> Self {
        Self { unbroken: true, ..self }
    }

    /// The fields of a single item, each with a name and a value.
    pub(crate) fn fields(fields: impl IntoIterator<Item = (&'static str, Cell)>) -> Self {
        let rows = fields.into_iter().map(|(name, value)| vec![name.into(), value]).collect();
        Self { headings: Vec::new(), rows, unbroken: true }
    }

    /// The table as text without a final line break. On a terminal, rows fit its width.
    pub(crate) fn render(&self) -> String {
        let mut table = comfy_table::Table::new();
        // Rows are wrapped to the terminal. A field's value is not, because it can be a token to copy.
        let width = table.width();
        let too_narrow = width.is_some_and(|width| width < NARROWEST);
        let arrangement = if self.unbroken || too_narrow {
            ContentArrangement::Disabled
        } else {
            ContentArrangement::Dynamic
        };
        table.load_style(presets::NOTHING).set_content_arrangement(arrangement);
        if !self.headings.is_empty() {
            table.set_header(self.headings.iter().map(|heading| heading.to_uppercase()));
        }
        let room = width.filter(|_| self.unbroken && !too_narrow).map(|width| self.room(width));
        for row in &self.rows {
            table.add_row(row.iter().map(|cell| cell.render(room)));
        }
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        let mut lines: Vec<String> = table.lines().map(|line| line.trim_end().to_owned()).collect();
        if let Some(headings) = lines.first_mut().filter(|_| !self.headings.is_empty()) {
            *headings = format!("{HEADINGS}{headings}{HEADINGS:#}");
        }
        lines.join("\n")
    }

    /// The width that the names of the fields leave for their values.
    fn room(&self, width: u16) -> u16 {
        let names = self.rows.iter().filter_map(|row| row.first()?.lines.first());
        let widest = names.map(String::len).max().and_then(|name| u16::try_from(name).ok());
        width.saturating_sub(widest.unwrap_or_default() + 2).max(NARROWEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_fits_and_nothing_else_is_broken() {
        let text = "writes the trade feed of the whole desk, and says so at length";
        let rendered = Cell::prose(text).render(Some(20));
        assert!(rendered.lines().count() > 2 && rendered.lines().all(|line| line.len() <= 20), "{rendered}");
        assert_eq!(rendered.replace('\n', " "), text);
        assert_eq!(Cell::prose(text).render(None), text);
        assert_eq!(Cell::from(text).render(Some(20)), text);
    }

    #[test]
    fn fields_and_rows() {
        assert_eq!(Table::fields([("client", "svc".into())]).render(), "client  svc");
        assert_eq!(Table::fields([("roles", Cell::lines(&["a", "b"]))]).render(), "roles  a\n       b");
        assert_eq!(Table::fields([("roles", Cell::lines::<&str>(&[]))]).render(), "roles  -");
        let rows = [["a".into(), "1".into()], ["bb".into(), "2".into()]];
        let rendered = Table::rows(["name", "id"], rows).render();
        assert_eq!(rendered, format!("{HEADINGS}NAME  ID{HEADINGS:#}\na     1\nbb    2"));
    }
}
