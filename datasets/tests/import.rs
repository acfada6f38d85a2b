//! The import makes tables that load, and makes the same ones again.

use std::path::{Path, PathBuf};

use polars::prelude::{DataFrame, ParquetWriter, df};
use tradewind_datasets::columnar::TableFile;
use tradewind_datasets::import::import;
use tradewind_datasets::offers::Offers;

const OFFERS: &str = "cloud,region,zone,instance_type,family,arch,vcpus,memory_gib,gpu_name,gpu_count,burstable,quota_family,ondemand_usd_per_hour,spot_usd_per_hour,price_date
aws,us-east-1,,m6i.large,m6i,x86_64,2.0,8.0,,0.0,false,Standard,0.096,0.035,2024-03-31
gcp,us-central1,,g2-standard-4,g2,x86_64,4.0,16.0,L4,1.0,false,G2_CPUS,0.7,0.25,2024-03-31
";

fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("import-{name}"));
    let _ = std::fs::remove_dir_all(&path);
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn history(path: &Path, mut frame: DataFrame) {
    ParquetWriter::new(std::fs::File::create(path).unwrap()).finish(&mut frame).unwrap();
}

fn source() -> PathBuf {
    let from = folder("from");
    let write = |name: &str, text: &str| std::fs::write(from.join(name), text).unwrap();
    write("offers.csv", OFFERS);
    write(
        "offers_ondemand_2026.csv",
        &OFFERS.replace("2024-03-31", "2026-07-20").replace("0.035", "").replace("0.25", ""),
    );
    write(
        "aws_spot_interruption.csv",
        "cloud,region,instance_type,monthly_rate_pct_low,monthly_rate_pct_high\naws,us-east-1,m6i.large,20,100\n",
    );
    write(
        "egress_pairs.csv",
        "src_cloud,src_region,dst_cloud,dst_region,usd_per_gb\naws,us-east-1,gcp,us-central1,0.09\n",
    );
    write(
        "egress_continent_matrix.csv",
        "src_cloud,src_continent,dst_cloud,dst_continent,median_usd_per_gb\naws,Asia,aws,Europe,0.09\n",
    );
    write(
        "egress_internet_tiers.csv",
        "cloud,region,start_gb,usd_per_gb,as_of\ngcp,us-central1,0,0.0,2024-08-09\ngcp,us-central1,100,0.085,2024-08-09\n",
    );
    std::fs::create_dir(from.join("workloads")).unwrap();
    let log = |jobs: usize| {
        let rows: String = (0..jobs).map(|i| format!("{},{},1,2\n", 10 * i, 60 * (i + 1))).collect();
        format!("submit_s,runtime_s,gpus,cpus\n{rows}")
    };
    for (name, jobs) in [("philly_2017", 60), ("nasa_ipsc_1993", 70), ("lcg_2005_days1-4", 49)] {
        write(&format!("workloads/{name}.csv"), &log(jobs));
    }
    let aws = df!(
        "cloud" => ["aws", "aws"], "region" => ["us-east-1", "us-east-1"], "instance_type" => ["m6i.large", "m6i.large"],
        "date" => ["2024-03-30", "2024-03-31"], "spot_usd_per_hour" => [0.034, 0.035],
    );
    history(&from.join("spot_price_daily_aws.parquet"), aws.unwrap());
    let others = df!(
        "cloud" => ["gcp"], "region" => ["us-central1"], "instance_type" => ["g2-standard-4"],
        "date" => ["2024-01-09"], "spot_usd_per_hour" => [0.25],
    );
    history(&from.join("spot_price_changes_azure_gcp.parquet"), others.unwrap());
    from
}

#[test]
fn the_import_can_be_run_again() {
    let from = source();
    let (one, other) = (folder("to-1"), folder("to-2"));
    let written = import(&from, &one).unwrap();
    assert_eq!(import(&from, &other).unwrap(), written);
    for table in &written {
        let read = |folder: &Path| std::fs::read(folder.join(&table.file)).unwrap();
        assert_eq!(read(&one), read(&other), "{}", table.file);
    }
    let name = "offers-2024-03-31.twd";
    let file = TableFile::decode(name, &std::fs::read(one.join(name)).unwrap()).unwrap();
    let offers = Offers::from_tables(&file, name).unwrap();
    let previous: Vec<Option<i64>> = offers.rows.iter().map(|r| r.previous_spot).collect();
    assert_eq!(previous, [Some(34_000_000), Some(250_000_000)], "the last price before the slice's own day");
    // One region sells too little of a family to follow it.
    assert_eq!(written.iter().find(|t| t.file == "spot-daily-2024.twd").map(|t| t.rows), Some(0));
    let marginals = std::fs::read_to_string(one.join("marginals.csv")).unwrap();
    let starts: Vec<String> =
        marginals.lines().skip(1).map(|l| l.split(',').take(4).collect::<Vec<_>>().join(",")).collect();
    // Of fewer than fifty jobs no runtimes are fitted.
    assert_eq!(starts, ["philly,gap,,59", "philly,runtime,1,60", "nasa,gap,,69", "nasa,runtime,2,70", "lcg,gap,,48"]);
    let error = import(&folder("nothing"), &other).unwrap_err();
    assert_eq!(error.code(), "TW2000");
}
