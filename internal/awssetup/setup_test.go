package awssetup

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"showback"
)

// whole is a setup with nothing left open.
func whole() Setup {
	s := Default()
	s.Bucket, s.Account = "example-billing", "111122223333"
	return s
}

func TestCheck(t *testing.T) {
	f := func(change func(*Setup), wantText, wantHint string) {
		t.Helper()
		s := whole()
		change(&s)
		err := s.Check()
		got := ""
		if err != nil {
			got = err.Error()
			if kind := showback.KindOf(err); kind != showback.KindInvalid {
				t.Errorf("Check: got kind %s of %v, want %s", kind, err, showback.KindInvalid)
			}
		}
		if got != wantText || showback.HintOf(err) != wantHint {
			t.Errorf("Check:\ngot  %q, hint %q\nwant %q, hint %q", got, showback.HintOf(err), wantText, wantHint)
		}
	}
	bucket := func(name string) func(*Setup) { return func(s *Setup) { s.Bucket = name } }
	f(func(*Setup) {}, "", "")
	f(bucket(""), "", "")
	f(bucket("a.b-c9"), "", "")
	f(bucket(strings.Repeat("a", 63)), "", "")
	const letters = ": want 3 to 63 lower-case letters, digits, hyphens and dots, with a letter or a digit at both ends"
	f(bucket("ab"), `parse bucket "ab"`+letters, "")
	f(bucket("My_Bills"), `parse bucket "My_Bills"`+letters, "")
	f(bucket("bills-"), `parse bucket "bills-"`+letters, "")
	f(bucket("bills'; rm -rf ~;'"), `parse bucket "bills'; rm -rf ~;'"`+letters, "")
	f(bucket("bills\n"), `parse bucket "bills\n"`+letters, "")
	f(bucket("a..b"), `parse bucket "a..b": S3 takes no name with two dots side by side or like an IP address`, "")
	f(bucket("192.168.5.4"), `parse bucket "192.168.5.4": S3 takes no name with two dots side by side or like an IP address`, "")
	f(bucket("xn--bills"), `parse bucket "xn--bills": S3 keeps names that begin with xn-- to itself`, "")
	f(bucket("bills-s3alias"), `parse bucket "bills-s3alias": S3 keeps names that end with -s3alias to itself`, "")
	f(bucket("s3://bills/cur"), `parse bucket "s3://bills/cur": want a name, not an address`,
		"give the bucket's name alone, and the rest with --prefix")

	prefix := func(p string) func(*Setup) { return func(s *Setup) { s.Prefix = p } }
	f(prefix("finance/cur_2.0"), "", "")
	f(prefix(""), "parse prefix: found nothing, want a name such as cur2", "leave --prefix out for cur2")
	f(prefix("/cur/"), `parse prefix "/cur/": want no slash at either end`, "AWS sets the slashes itself: --prefix cur")
	f(prefix("/"), `parse prefix "/": want no slash at either end`, "AWS sets the slashes itself")
	f(prefix("a//b"), `parse prefix "a//b": want letters, digits, - _ . and single slashes between them`, "")
	f(prefix("$(id)"), `parse prefix "$(id)": want letters, digits, - _ . and single slashes between them`, "")
	f(prefix("a/../b"), `parse prefix "a/../b": .. is no name of a folder`, "")
	f(prefix(strings.Repeat("p", 512)), "", "")
	f(prefix(strings.Repeat("p", 513)), `parse prefix "pppppppppppppppppppp"…: found 513 characters, want at most 512`, "")

	export := func(name string) func(*Setup) { return func(s *Setup) { s.Export = name } }
	f(export("Team_cur-2"), "", "")
	f(export(""), `parse export name "": want 1 to 128 letters, digits, - and _`, "")
	f(export("team cur"), `parse export name "team cur": want 1 to 128 letters, digits, - and _`, "")
	f(export(strings.Repeat("x", 129)), `parse export name "`+strings.Repeat("x", 129)+`": want 1 to 128 letters, digits, - and _`, "")

	account := func(id string) func(*Setup) { return func(s *Setup) { s.Account = id } }
	f(account(""), "", "")
	f(account("1111-2222-3333"), `parse account "1111-2222-3333": want 12 digits`, "without anything between the digits: 111122223333")
	f(account("11112222333"), `parse account "11112222333": want 12 digits`,
		"the account that pays the bill; aws sts get-caller-identity says which one your credentials are of")

	region := func(r string) func(*Setup) { return func(s *Setup) { s.Region = r } }
	f(region("ap-southeast-2"), "", "")
	f(region("Frankfurt"), `parse region "Frankfurt": want a region of AWS such as eu-west-1`, "")
	f(region("us-gov-west-1"), `parse region "us-gov-west-1": want a region of the commercial partition, aws`, "")
	f(region("cn-north-1"), `parse region "cn-north-1": want a region of the commercial partition, aws`, "")
	f(func(s *Setup) { s.Format = "orc" }, `parse format "orc": want parquet or csv`, "")
}

func TestPolicies(t *testing.T) {
	f := func(policy Policy, want string) {
		t.Helper()
		if diff := cmp.Diff(strings.TrimSpace(want), indented(policy)); diff != "" {
			t.Errorf("policy (-want +got):\n%s", diff)
		}
	}
	f(whole().BucketPolicy(), `
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "EnableAWSDataExportsToWriteToS3AndCheckPolicy",
      "Effect": "Allow",
      "Principal": {
        "Service": [
          "billingreports.amazonaws.com",
          "bcm-data-exports.amazonaws.com"
        ]
      },
      "Action": ["s3:PutObject", "s3:GetBucketPolicy"],
      "Resource": [
        "arn:aws:s3:::example-billing",
        "arn:aws:s3:::example-billing/*"
      ],
      "Condition": {
        "StringLike": {
          "aws:SourceAccount": ["111122223333"],
          "aws:SourceArn": [
            "arn:aws:cur:us-east-1:111122223333:definition/*",
            "arn:aws:bcm-data-exports:us-east-1:111122223333:export/*"
          ]
        }
      }
    }
  ]
}`)
	f(whole().ReaderPolicy(), `
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Sid": "ListBills",
      "Effect": "Allow",
      "Action": ["s3:ListBucket"],
      "Resource": ["arn:aws:s3:::example-billing"]
    },
    {
      "Sid": "ReadBills",
      "Effect": "Allow",
      "Action": ["s3:GetObject"],
      "Resource": ["arn:aws:s3:::example-billing/cur2/*"]
    }
  ]
}`)
}

func TestRequest(t *testing.T) {
	s := whole()
	s.Prefix, s.Export, s.Region = "finance/cur", "team-cur2", "eu-west-1"
	got := s.Request()
	statement := got.DataQuery.QueryStatement
	got.DataQuery.QueryStatement = ""
	var want Export
	if err := json.Unmarshal([]byte(`{
		"Name": "team-cur2",
		"Description": "The whole bill with callers, for showback",
		"DataQuery": {"QueryStatement": "", "TableConfigurations": {"COST_AND_USAGE_REPORT": {
			"TIME_GRANULARITY": "HOURLY",
			"INCLUDE_RESOURCES": "TRUE",
			"INCLUDE_IAM_PRINCIPAL_DATA": "TRUE",
			"INCLUDE_SPLIT_COST_ALLOCATION_DATA": "FALSE",
			"INCLUDE_MANUAL_DISCOUNT_COMPATIBILITY": "FALSE"}}},
		"DestinationConfigurations": {"S3Destination": {
			"S3Bucket": "example-billing", "S3Prefix": "finance/cur", "S3Region": "eu-west-1",
			"S3OutputConfigurations": {
				"OutputType": "CUSTOM", "Format": "PARQUET", "Compression": "PARQUET", "Overwrite": "OVERWRITE_REPORT"}}},
		"RefreshCadence": {"Frequency": "SYNCHRONOUS"}}`), &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Request (-want +got):\n%s", diff)
	}
	// (AWS, botocore model bcm-data-exports: QueryStatement.)
	if len(statement) > 36000 {
		t.Errorf("query: got %d characters, AWS takes 36,000", len(statement))
	}
	if form := regexp.MustCompile(`^SELECT [a-z_]+(, [a-z_]+)* FROM COST_AND_USAGE_REPORT$`); !form.MatchString(statement) {
		t.Errorf("query: got %q, want all columns of the table, each under its name", statement)
	}

	s.Format = CSV
	output := s.Request().DestinationConfigurations.S3Destination.S3OutputConfigurations
	if want := (Output{"CUSTOM", "TEXT_OR_CSV", "GZIP", "OVERWRITE_REPORT"}); output != want {
		t.Errorf("output of csv: got %v, want %v", output, want)
	}
}

func TestPlaceholders(t *testing.T) {
	if got := whole().Placeholders(); got != nil {
		t.Errorf("Placeholders of a whole setup: got %v, want none", got)
	}
	if diff := cmp.Diff([]string{"BUCKET", "ACCOUNT"}, Default().Placeholders()); diff != "" {
		t.Errorf("Placeholders (-want +got):\n%s", diff)
	}
	if got, want := Default().Source(), "s3://BUCKET/cur2"; got != want {
		t.Errorf("Source: got %s, want %s", got, want)
	}
}
