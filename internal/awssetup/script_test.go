package awssetup

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// fakeAWS stands for the AWS CLI: it writes its arguments to a file, ended by
// NUL, each call ended by a second one, and answers as AWS does where a bucket
// is or is not there.
const fakeAWS = `#!/bin/sh
for a in "$@"; do printf '%s\0' "$a" >>"$CALLS"; done
printf '\0' >>"$CALLS"
case "$2" in
get-caller-identity) echo "$CALLER" ;;
head-bucket) [ -n "$BUCKET_IS_THERE" ] ;;
get-bucket-policy)
  [ -z "$POLICY_IS_THERE" ] || { echo '{"Policy": "{}"}'; exit; }
  echo 'An error occurred (NoSuchBucketPolicy) when calling the GetBucketPolicy operation' >&2
  exit 254 ;;
esac
`

func shell(t *testing.T) string {
	t.Helper()
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh here to run the script")
	}
	return sh
}

// runScript runs the script with fakeAWS and returns the calls, what it wrote
// and whether it ended well.
func runScript(t *testing.T, s Setup, env ...string) (calls [][]string, output string, ok bool) {
	t.Helper()
	sh, dir := shell(t), t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "aws"), []byte(fakeAWS), 0o755); err != nil {
		t.Fatal(err)
	}
	log := filepath.Join(dir, "calls")
	cmd := exec.Command(sh)
	cmd.Stdin = strings.NewReader(s.Script())
	cmd.Env = append([]string{"PATH=" + dir + string(os.PathListSeparator) + os.Getenv("PATH"), "CALLS=" + log,
		"CALLER=111122223333", "BUCKET_IS_THERE=", "POLICY_IS_THERE="}, env...)
	out, err := cmd.CombinedOutput()
	text, _ := os.ReadFile(log) // not there when nothing was called
	for call := range strings.SplitSeq(strings.TrimSuffix(string(text), "\x00\x00"), "\x00\x00") {
		if call != "" {
			calls = append(calls, strings.Split(call, "\x00"))
		}
	}
	return calls, string(out), err == nil
}

// names returns the operations called.
func names(calls [][]string) []string {
	var of []string
	for _, c := range calls {
		of = append(of, c[0]+" "+c[1])
	}
	return of
}

// argument returns the value of a flag in the call of an operation.
func argument(t *testing.T, calls [][]string, operation, flag string) string {
	t.Helper()
	for _, c := range calls {
		if i := slices.Index(c, flag); c[1] == operation && i >= 0 {
			return c[i+1]
		}
	}
	t.Fatalf("%s was not called with %s: %q", operation, flag, calls)
	return ""
}

func TestScript(t *testing.T) {
	s := whole()
	s.Region = "eu-west-1"
	calls, output, ok := runScript(t, s)
	if !ok {
		t.Fatalf("the script failed:\n%s", output)
	}
	want := []string{"sts get-caller-identity", "s3api head-bucket", "s3api create-bucket", "s3api put-public-access-block",
		"s3api get-bucket-policy", "s3api put-bucket-policy", "bcm-data-exports create-export"}
	if diff := cmp.Diff(want, names(calls)); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	var policy Policy
	if err := json.Unmarshal([]byte(argument(t, calls, "put-bucket-policy", "--policy")), &policy); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s.BucketPolicy(), policy); diff != "" {
		t.Errorf("policy (-want +got):\n%s", diff)
	}
	var export Export
	if err := json.Unmarshal([]byte(argument(t, calls, "create-export", "--export")), &export); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(s.Request(), export); diff != "" {
		t.Errorf("export (-want +got):\n%s", diff)
	}
	if got := argument(t, calls, "create-export", "--region"); got != HomeRegion {
		t.Errorf("create-export: got region %s, want %s", got, HomeRegion)
	}
	if got, want := argument(t, calls, "create-bucket", "--create-bucket-configuration"), "LocationConstraint=eu-west-1"; got != want {
		t.Errorf("create-bucket: got %s, want %s", got, want)
	}
	var block map[string]bool
	if err := json.Unmarshal([]byte(argument(t, calls, "put-public-access-block", "--public-access-block-configuration")), &block); err != nil {
		t.Fatal(err)
	}
	if len(block) != 4 || !block["BlockPublicAcls"] || !block["IgnorePublicAcls"] || !block["BlockPublicPolicy"] || !block["RestrictPublicBuckets"] {
		t.Errorf("public access block: got %v, want all four on", block)
	}
	if want := "showback source add s3://example-billing/cur2 --region eu-west-1\n"; !strings.Contains(output, want) {
		t.Errorf("the script does not end with %q:\n%s", want, output)
	}
}

// S3 refuses a LocationConstraint of us-east-1. (AWS, "CreateBucket", 2026-09.)
func TestScriptAtHome(t *testing.T) {
	calls, output, ok := runScript(t, whole())
	if !ok {
		t.Fatalf("the script failed:\n%s", output)
	}
	i := slices.Index(names(calls), "s3api create-bucket")
	if i < 0 || slices.Contains(calls[i], "--create-bucket-configuration") {
		t.Errorf("create-bucket in us-east-1: got %q, want it without a location", calls)
	}
}

// What is there is not replaced.
func TestScriptLeavesBucket(t *testing.T) {
	calls, output, ok := runScript(t, whole(), "BUCKET_IS_THERE=yes", "POLICY_IS_THERE=yes")
	want := []string{"sts get-caller-identity", "s3api head-bucket", "s3api get-bucket-policy", "bcm-data-exports create-export"}
	if diff := cmp.Diff(want, names(calls)); diff != "" || !ok {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if want := "note: example-billing keeps its policy"; !strings.Contains(output, want) {
		t.Errorf("got %q, want %q in it", output, want)
	}
	// a bucket of ours without a policy: a run that was cut short goes on
	calls, _, ok = runScript(t, whole(), "BUCKET_IS_THERE=yes")
	want = []string{"sts get-caller-identity", "s3api head-bucket", "s3api get-bucket-policy", "s3api put-bucket-policy", "bcm-data-exports create-export"}
	if diff := cmp.Diff(want, names(calls)); diff != "" || !ok {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

func TestScriptStops(t *testing.T) {
	calls, output, ok := runScript(t, whole(), "CALLER=444455556666")
	if ok || len(calls) != 1 || !strings.Contains(output, "these are credentials of account 444455556666, want 111122223333") {
		t.Errorf("another account: ended well %v after %v, saying %q", ok, names(calls), output)
	}
	calls, output, ok = runScript(t, Default())
	if ok || len(calls) != 0 || !strings.Contains(output, "this script has BUCKET and ACCOUNT in place of names") {
		t.Errorf("placeholders: ended well %v after %v, saying %q", ok, names(calls), output)
	}
}

// The text fits a terminal and can be pasted into one.
func TestLineWidth(t *testing.T) {
	s := whole()
	for name, text := range map[string]string{"script": s.Script(), "stack": s.Stack(), "open script": Default().Script(), "open stack": Default().Stack()} {
		for line := range strings.Lines(text) {
			if line = strings.TrimSuffix(line, "\n"); len(line) > width {
				t.Errorf("%s: a line of %d characters: %s", name, len(line), line)
			}
			if line != strings.TrimRight(line, " ") {
				t.Errorf("%s: a blank at the end of %q", name, line)
			}
		}
	}
}

// The template asks for the same as the script.
func TestStack(t *testing.T) {
	s := whole()
	text := s.Stack()
	folded := regexp.MustCompile(`\s+`).ReplaceAllString(text, " ")
	for _, want := range []string{query(), "DependsOn: BucketPolicy", `INCLUDE_IAM_PRINCIPAL_DATA: "TRUE"`, `TIME_GRANULARITY: "HOURLY"`,
		`INCLUDE_RESOURCES: "TRUE"`, `Default: "example-billing"`, "showback source add s3://${Bucket}/${Prefix}"} {
		if !strings.Contains(folded, want) {
			t.Errorf("the template lacks %s", want)
		}
	}
	// The statements of the policies, with the template's variables in place of names.
	s.Bucket, s.Account, s.Prefix = "${Bucket}", "${AWS::AccountId}", "${Prefix}"
	for _, statement := range append(s.BucketPolicy().Statement, s.ReaderPolicy().Statement...) {
		texts := slices.Concat([]string{statement.Sid}, statement.Action, statement.Resource)
		if statement.Principal != nil {
			texts = append(texts, statement.Principal.Service...)
		}
		for _, values := range statement.Condition {
			texts = append(texts, values["aws:SourceArn"]...)
		}
		for _, want := range texts {
			if !strings.Contains(text, want) {
				t.Errorf("the template lacks %s of the statement %s", want, statement.Sid)
			}
		}
	}
	if strings.Contains(Default().Stack(), "BUCKET") || strings.Contains(Default().Stack(), "ACCOUNT") {
		t.Errorf("the template has a placeholder where CloudFormation would ask")
	}
}

// No accepted name can leave the place where it stands.
func FuzzCheck(f *testing.F) {
	f.Add("example-billing", "cur2", "showback", "111122223333", "us-east-1")
	f.Add("b'; id; '", "a/../b", "x\ny", "1111-2222-3333", "us-east-1$(id)")
	f.Add("a\n", "p\n", "e\n", "111122223333\n", "eu-west-1\n")
	plain := regexp.MustCompile(`\A[0-9A-Za-z_./-]*\z`)
	f.Fuzz(func(t *testing.T, bucket, prefix, export, account, region string) {
		s := Setup{bucket, prefix, export, account, region, Parquet}
		if s.Check() != nil {
			return
		}
		for _, name := range []string{bucket, prefix, export, account, region} {
			if !plain.MatchString(name) {
				t.Errorf("Check passes %q, which a shell may read otherwise", name)
			}
		}
	})
}

func TestScriptParses(t *testing.T) {
	sh := shell(t)
	for _, s := range []Setup{whole(), Default()} {
		cmd := exec.Command(sh, "-n")
		cmd.Stdin = strings.NewReader(s.Script())
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("sh -n: %v\n%s", err, out)
		}
	}
}
