package blob

import (
	"strings"
	"testing"

	"showback"
)

func TestParseLocation(t *testing.T) {
	f := func(text, bucket, prefix, canonical string) {
		t.Helper()
		got, err := ParseLocation(text)
		if err != nil {
			t.Errorf("%s: %v", text, err)
			return
		}
		if want := (Location{bucket, prefix}); got != want || got.String() != canonical {
			t.Errorf("%s: got %#v, %s; want %#v, %s", text, got, got, want, canonical)
		}
	}
	f("s3://bills", "bills", "", "s3://bills")
	f("s3://bills/", "bills", "", "s3://bills")
	f("s3://bills//", "bills", "", "s3://bills")
	f("s3://bills/exp", "bills", "exp", "s3://bills/exp")
	f("S3://bills/exp/", "bills", "exp", "s3://bills/exp")
	f("s3://my.bills-2/a b/ü+%20/BILLING_PERIOD=2026-10/", "my.bills-2", "a b/ü+%20/BILLING_PERIOD=2026-10", "s3://my.bills-2/a b/ü+%20/BILLING_PERIOD=2026-10")
	f("s3://bills-ap-metadata12345-s3alias/exp", "bills-ap-metadata12345-s3alias", "exp", "s3://bills-ap-metadata12345-s3alias/exp")
	const point = "arn:aws:s3:us-east-1:111122223333:accesspoint/bills-ap"
	f("s3://"+point, point, "", "s3://"+point)
	f("s3://"+point+"/exp/data/", point, "exp/data", "s3://"+point+"/exp/data")
	f("s3://arn:aws:s3:us-east-1:111122223333:accesspoint:bills-ap/exp", point, "exp", "s3://"+point+"/exp")
	f("s3://arn:aws-cn:s3:cn-north-1:111122223333:accesspoint/bills-ap", "arn:aws-cn:s3:cn-north-1:111122223333:accesspoint/bills-ap", "",
		"s3://arn:aws-cn:s3:cn-north-1:111122223333:accesspoint/bills-ap")
	f("s3://arn:aws-us-gov:s3:us-gov-west-1:111122223333:accesspoint/bills-ap/x", "arn:aws-us-gov:s3:us-gov-west-1:111122223333:accesspoint/bills-ap", "x",
		"s3://arn:aws-us-gov:s3:us-gov-west-1:111122223333:accesspoint/bills-ap/x")
	f("s3://arn:aws:s3::111122223333:accesspoint/mfzwi23gnjvgw.mrap/x", "arn:aws:s3::111122223333:accesspoint/mfzwi23gnjvgw.mrap", "x",
		"s3://arn:aws:s3::111122223333:accesspoint/mfzwi23gnjvgw.mrap/x")
}

func TestParseLocationRefuses(t *testing.T) {
	const names = ", want 3 to 63 lower-case letters, digits, dots and hyphens"
	f := func(text, cause, hint string) {
		t.Helper()
		_, err := ParseLocation(text)
		wantError(t, err, showback.KindInvalid, "parse address "+cause, hint)
	}
	f("", `"": want s3://bucket/prefix`, "")
	f("exp", `"exp": want s3://bucket/prefix`, "")
	f("s3:/bills", `"s3:/bills": want s3://bucket/prefix`, "")
	f("s3://", `"s3://": found no bucket`, "write s3://bucket/prefix")
	f("s3:///exp", `"s3:///exp": found no bucket`, "write s3://bucket/prefix")
	f("s3://Bills", `"s3://Bills": found the bucket "Bills"`+names, "write s3://bucket/prefix")
	f("s3://my_bills", `"s3://my_bills": found the bucket "my_bills"`+names, "write s3://bucket/prefix")
	f("s3://ab", `"s3://ab": found the bucket "ab"`+names, "write s3://bucket/prefix")
	f("s3://bills-/x", `"s3://bills-/x": found the bucket "bills-"`+names, "write s3://bucket/prefix")
	f("s3://a..b", `"s3://a..b": found two dots in a row in the bucket "a..b"`, "write s3://bucket/prefix")
	f("s3://10.0.0.1/x", `"s3://10.0.0.1/x": found the bucket "10.0.0.1", which is an address of a host`, "write s3://bucket/prefix")
	f("s3://bills/a//b", `"s3://bills/a//b": the prefix has an empty folder name`, "single slashes")
	f("s3://bills//b", `"s3://bills//b": the prefix has an empty folder name`, "single slashes")
	f("s3://bills/a/../b", `"s3://bills/a/../b": the prefix has a folder named ".."`, "single slashes")
	f("s3://bills/./b", `"s3://bills/./b": the prefix has a folder named "."`, "single slashes")
	f("s3://bills/a\x00", `"s3://bills/a\x00": the prefix has a NUL character`, "single slashes")

	f("s3://arn:aws:s3:::bills/exp", `"s3://arn:aws:s3:::bills/exp": found the ARN of a bucket`, "write s3://bills/exp")
	f("s3://arn:aws:s3", `"s3://arn:aws:s3": found an ARN that is cut short, want s3://arn:aws:s3:region:account:accesspoint/name/prefix`, "")
	f("s3://arn:aws:s3-object-lambda:us-east-1:111122223333:accesspoint/x1z/exp",
		`"s3://arn:aws:s3-object-lambda:us-east-1:111122223333:accesspoint/x1z/exp": found an Object Lambda access point, which changes what it gives`, "stands behind it")
	f("s3://arn:aws:s3-outposts:us-east-1:111122223333:outpost/op-1/accesspoint/x1z",
		`"s3://arn:aws:s3-outposts:us-east-1:111122223333:outpost/op-1/accesspoint/x1z": found an access point of S3 on Outposts, where billing exports are not delivered`, "")
	f("s3://arn:aws:iam::111122223333:role/app", `"s3://arn:aws:iam::111122223333:role/app": found the ARN of something else, want that of an access point`, "accesspoint/name")
	f("s3://arn:aws:s3:us-east-1:1111:accesspoint/abc", `"s3://arn:aws:s3:us-east-1:1111:accesspoint/abc": found the account "1111" in the ARN, want 12 digits`, "")
	f("s3://arn:aws:s3:us-east-1:111122223333:accesspoint/", `"s3://arn:aws:s3:us-east-1:111122223333:accesspoint/": found the access point ""`+names, "")
	f("s3://arn:aws:s3:us-east-1:111122223333:accesspoint", `"s3://arn:aws:s3:us-east-1:111122223333:accesspoint": found the ARN of something else, want that of an access point`, "accesspoint/name")

	web := func(text, hint string) {
		t.Helper()
		_, err := ParseLocation(text)
		if got := showback.HintOf(err); got != hint {
			t.Errorf("%s: got hint %q, want %q", text, got, hint)
		}
	}
	web("https://bills.s3.eu-west-1.amazonaws.com/exp/data/", "write s3://bills/exp/data")
	web("https://my.bills.s3.amazonaws.com/", "write s3://my.bills")
	web("https://s3.amazonaws.com/bills/exp", "write s3://bills/exp")
	web("https://s3-eu-west-1.amazonaws.com/bills/exp", "write s3://bills/exp")
	web("https://bills.s3.dualstack.eu-west-1.amazonaws.com/exp", "write s3://bills/exp")
	web("https://bills.s3.cn-north-1.amazonaws.com.cn/exp", "write s3://bills/exp")
	web("https://s3.console.aws.amazon.com/s3/buckets/bills?region=us-east-1&prefix=exp/data/", "write s3://bills/exp/data")
	web("https://us-east-1.console.aws.amazon.com/s3/buckets/bills", "write s3://bills")
	web("https://us-east-1.console.aws.amazon.com/s3/object/bills?prefix=exp/a.parquet", "write s3://bills/exp/a.parquet")
	web("https://us-east-1.console.aws.amazon.com/billing/home", "")
	web("https://example.com/bills/exp", "")
	web("s3a://bills/exp/", "write s3://bills/exp")
	web("arn:aws:s3:::bills/exp", "write s3://bills/exp")
	web("arn:aws:s3:us-east-1:111122223333:accesspoint/bills-ap/exp", "write s3://arn:aws:s3:us-east-1:111122223333:accesspoint/bills-ap/exp")
}

// A presigned address must not get into a log by way of an error.
func TestParseLocationKeepsSecrets(t *testing.T) {
	_, err := ParseLocation("https://alice:pass-word@bills.s3.amazonaws.com/exp?X-Amz-Signature=0123abcd&X-Amz-Security-Token=tok-en")
	for _, secret := range []string{"pass-word", "0123abcd", "tok-en"} {
		if strings.Contains(err.Error()+showback.HintOf(err), secret) {
			t.Errorf("found %q in %q, hint %q", secret, err, showback.HintOf(err))
		}
	}
}

func TestIsLocation(t *testing.T) {
	f := func(text string, want bool) {
		t.Helper()
		if got := IsLocation(text); got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
	f("s3://bills/exp", true)
	f("S3://", true)
	f("s3:/", false)
	f("", false)
	f("/s3://bills", false)
	f("https://s3.amazonaws.com/bills", false)
}

// What is parsed is written as it is parsed again, and its parts are such as a
// Tree can hold.
func FuzzParseLocation(f *testing.F) {
	for _, seed := range []string{
		"s3://bills/exp/", "S3://my.bills-2/a b/ü", "s3://arn:aws:s3:us-east-1:111122223333:accesspoint:bills-ap/x/", "s3://a..b",
		"s3://arn:aws:s3:::bills", "https://bills.s3.amazonaws.com/exp?X-Amz-Signature=1", "s3://bills/a//b", "arn:aws:s3:::b", "s3a://bills/x", "://@",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l, err := ParseLocation(text)
		if err != nil {
			if showback.KindOf(err) != showback.KindInvalid {
				t.Fatalf("got kind %q", showback.KindOf(err))
			}
			return
		}
		again, err := ParseLocation(l.String())
		if err != nil || again != l {
			t.Fatalf("%q is %#v, but %q is %#v, %v", text, l, l, again, err)
		}
		if strings.HasSuffix(l.Prefix, "/") || l.Prefix != "" && badKey(l.Prefix) != "" || l.Bucket == "" {
			t.Fatalf("%q: got %#v", text, l)
		}
		if strings.Contains(element(l.Bucket), "/") {
			t.Fatalf("the bucket of %#v is no element of a path", l)
		}
	})
}
