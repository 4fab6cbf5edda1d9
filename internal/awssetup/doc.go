// Package awssetup builds what AWS must be asked for so that bills arrive as
// showback wants them: a bucket that Data Exports may write to and a CUR 2.0
// export of the whole bill with callers, hours and resources on. It is printed
// as a shell script for the AWS CLI or as a CloudFormation template, for a
// person to read and run.
//
// It must never call AWS, run anything, or let a text into a script that it has
// not checked: names are held to letters that no shell, JSON or YAML quotes.
//
// What it knows of AWS comes from these:
//
//   - AWS, Data Exports user guide, "Cost and Usage Report (CUR) 2.0", 2026-09:
//     the table's columns and configurations; "Data query": the SQL;
//     "Creating data exports": when the first delivery comes.
//   - AWS, Data Exports user guide, "Setting up an Amazon S3 bucket for data
//     exports", 2026-09: the bucket's policy.
//   - AWS, botocore model bcm-data-exports 2023-11-26, and "AWS CloudFormation
//     template reference: AWS::BCMDataExports::Export", 2026-09: the shape of an
//     export.
//   - AWS, "Service authorization reference: Data Exports", 2026-09: what
//     CreateExport needs beside its own permission.
package awssetup
