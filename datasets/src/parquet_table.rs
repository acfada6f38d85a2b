//! Any table as Parquet: columns of JSON values, typed by what stands in them.

use polars::prelude::{Column, DataFrame, IntoColumn, NamedFrom, ParquetWriter, PolarsResult, Series};
use serde_json::Value;

/// A table of named columns of equal length: whole numbers, fractions, booleans and texts as such, everything else as
/// its JSON. Empty bytes where columns differ in length or share a name.
pub fn parquet_table(columns: Vec<(String, Vec<Option<Value>>)>) -> Vec<u8> {
    // Memory takes everything else.
    write(columns).unwrap_or_default()
}

pub(crate) fn write(columns: Vec<(String, Vec<Option<Value>>)>) -> PolarsResult<Vec<u8>> {
    let rows = columns.first().map_or(0, |(_, cells)| cells.len());
    let columns = columns.iter().map(|(name, cells)| typed(name, cells)).collect();
    let mut frame = DataFrame::new(rows, columns)?;
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(&mut frame)?;
    Ok(bytes)
}

/// A column of the narrowest type that says every cell.
fn typed(name: &str, cells: &[Option<Value>]) -> Column {
    let name = name.into();
    let all = |is: fn(&Value) -> bool| cells.iter().flatten().all(is);
    let series = if all(Value::is_i64) {
        Series::new(name, column(cells, Value::as_i64))
    } else if all(Value::is_number) {
        Series::new(name, column(cells, Value::as_f64))
    } else if all(Value::is_boolean) {
        Series::new(name, column(cells, Value::as_bool))
    } else {
        let text = |value: &Value| Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned));
        Series::new(name, column(cells, text))
    };
    series.into_column()
}

fn column<T>(cells: &[Option<Value>], of: impl Fn(&Value) -> Option<T>) -> Vec<Option<T>> {
    cells.iter().map(|cell| cell.as_ref().and_then(&of)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offers_parquet;
    use serde_json::json;

    #[test]
    fn what_is_written_is_read() {
        let columns = [
            ("n", vec![Some(json!(1)), None]),
            ("usd", vec![Some(json!(1.5)), Some(json!(2))]),
            ("is", vec![Some(json!(true)), None]),
            ("name", vec![Some(json!("a,b")), Some(json!("c"))]),
        ];
        let columns: Vec<_> = columns.into_iter().map(|(name, cells)| (name.to_owned(), cells)).collect();
        let frame = offers_parquet::plain_frame(parquet_table(columns.clone())).expect("a table");
        let csv = offers_parquet::to_csv(&frame).expect("text");
        assert_eq!(String::from_utf8(csv).expect("UTF-8"), "n,usd,is,name\n1,1.5,true,\"a,b\"\n,2.0,,c\n");
        let twice = [columns.clone(), columns].concat();
        assert!(parquet_table(twice).is_empty(), "a name is used twice");
    }
}
