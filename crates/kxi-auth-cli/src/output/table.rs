//! Tables for people.

use anstyle::Style;
use comfy_table::{ContentArrangement, presets};

use crate::output::plain;

const HEADINGS: Style = Style::new().bold();

/// A terminal that says it has fewer columns does not know: under `docker exec -t` it has none.
const NARROWEST: u16 = 20;

/// Rows under headings, or one thing's fields.
pub(crate) struct Table {
    headings: Vec<&'static str>,
    rows: Vec<Vec<Cell>>,
    unbroken: bool,
}

/// A cell of one or more lines.
pub(crate) struct Cell(Vec<String>);

impl Cell {
    /// A line for each item, `none` if there is none.
    pub(crate) fn lines<S: AsRef<str>>(items: &[S]) -> Self {
        if items.is_empty() {
            return "none".into();
        }
        Self(items.iter().map(|item| item.as_ref().to_owned()).collect())
    }

    fn render(&self) -> String {
        self.0.iter().map(|line| plain(line)).collect::<Vec<_>>().join("\n")
    }
}

impl<S: Into<String>> From<S> for Cell {
    fn from(text: S) -> Self {
        Self(vec![text.into()])
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

    /// The same without a line break in any cell, however narrow the terminal: to be copied.
    pub(crate) fn unbroken(self) -> Self {
        Self { unbroken: true, ..self }
    }

    /// One thing's fields, a name and a value each.
    pub(crate) fn fields(fields: impl IntoIterator<Item = (&'static str, Cell)>) -> Self {
        let rows = fields.into_iter().map(|(name, value)| vec![name.into(), value]).collect();
        Self { headings: Vec::new(), rows, unbroken: true }
    }

    /// The table as text without a line end, no wider than the terminal if it goes to one.
    pub(crate) fn render(&self) -> String {
        let mut table = comfy_table::Table::new();
        // Rows fit the terminal; a field's value, which may be a token to be copied, is never cut.
        let too_narrow = table.width().is_some_and(|width| width < NARROWEST);
        let arrangement = if self.unbroken || too_narrow {
            ContentArrangement::Disabled
        } else {
            ContentArrangement::Dynamic
        };
        table.load_style(presets::NOTHING).set_content_arrangement(arrangement);
        if !self.headings.is_empty() {
            table.set_header(self.headings.iter().map(|heading| heading.to_uppercase()));
        }
        for row in &self.rows {
            table.add_row(row.iter().map(Cell::render));
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_rows() {
        assert_eq!(Table::fields([("client", "svc".into())]).render(), "client  svc");
        assert_eq!(Table::fields([("roles", Cell::lines(&["a", "b"]))]).render(), "roles  a\n       b");
        assert_eq!(Table::fields([("roles", Cell::lines::<&str>(&[]))]).render(), "roles  none");
        let rows = [["a".into(), "1".into()], ["bb".into(), "2".into()]];
        let rendered = Table::rows(["name", "id"], rows).render();
        assert_eq!(rendered, format!("{HEADINGS}NAME  ID{HEADINGS:#}\na     1\nbb    2"));
    }
}
