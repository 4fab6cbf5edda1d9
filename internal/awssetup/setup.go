package awssetup

import (
	"cmp"
	"regexp"
	"strings"

	"showback"
)

// HomeRegion is where the API of Data Exports is, and where CloudFormation has
// its resource. The bucket may be elsewhere.
const HomeRegion = "us-east-1"

// What stands in the text where a name is not given. No bucket and no account
// can have these names.
const (
	BucketPlaceholder  = "BUCKET"
	AccountPlaceholder = "ACCOUNT"
)

// Format is how the export's files are written.
type Format string

// The formats.
const (
	Parquet Format = "parquet"
	CSV     Format = "csv" // compressed with gzip
)

// Setup is what to set up. Bucket and Account may be empty: placeholders then
// stand for them. Default gives the rest.
type Setup struct {
	Bucket  string
	Prefix  string // of the keys in the bucket, without a slash at either end
	Export  string // name of the export
	Account string // 12 digits: whose bill it is, and who owns the bucket
	Region  string // of the bucket
	Format  Format
}

// Default returns what is set up when nothing is said.
func Default() Setup {
	return Setup{Prefix: "cur2", Export: "showback", Region: HomeRegion, Format: Parquet}
}

// Source is the address under which the export's files will be, s3://bucket/prefix.
func (s Setup) Source() string { return "s3://" + s.bucket() + "/" + s.Prefix }

// Placeholders returns the placeholders that stand in the script; none when it
// can be run as it is.
func (s Setup) Placeholders() []string {
	var stand []string
	if s.Bucket == "" {
		stand = append(stand, BucketPlaceholder)
	}
	if s.Account == "" {
		stand = append(stand, AccountPlaceholder)
	}
	return stand
}

func (s Setup) bucket() string  { return cmp.Or(s.Bucket, BucketPlaceholder) }
func (s Setup) account() string { return cmp.Or(s.Account, AccountPlaceholder) }

var (
	bucketPattern  = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	addressPattern = regexp.MustCompile(`^\d+\.\d+\.\d+\.\d+$`)
	prefixPattern  = regexp.MustCompile(`^[0-9A-Za-z_.-]+(/[0-9A-Za-z_.-]+)*$`)
	exportPattern  = regexp.MustCompile(`^[0-9A-Za-z_-]{1,128}$`)
	accountPattern = regexp.MustCompile(`^\d{12}$`)
	regionPattern  = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+){1,3}-\d{1,2}$`)
)

// Parts of bucket names that S3 keeps to itself. (AWS, "General purpose bucket
// naming rules", 2026-09.)
var (
	reservedPrefixes = []string{"xn--", "sthree-", "amzn-s3-demo-"}
	reservedSuffixes = []string{"-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"}
)

// maxPrefix leaves room for what Data Exports puts behind it: a key of S3 has at
// most 1,024 bytes, of which an export's name can take 256.
const maxPrefix = 512

// Check reports the first value that AWS would refuse, or that could not stand
// in a script as it is. Errors are of KindInvalid.
func (s Setup) Check() error {
	for _, check := range []func() error{s.checkBucket, s.checkPrefix, s.checkExport, s.checkAccount, s.checkRegion, s.checkFormat} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func invalid(hint, format string, args ...any) error {
	return showback.WithHint(showback.Errorf(showback.KindInvalid, format, args...), hint)
}

func (s Setup) checkBucket() error {
	b := s.Bucket
	switch {
	case b == "":
		return nil
	case strings.HasPrefix(b, "s3://"):
		return invalid("give the bucket's name alone, and the rest with --prefix", "parse bucket %q: want a name, not an address", b)
	case !bucketPattern.MatchString(b):
		return invalid("", "parse bucket %q: want 3 to 63 lower-case letters, digits, hyphens and dots, "+
			"with a letter or a digit at both ends", b)
	case strings.Contains(b, "..") || addressPattern.MatchString(b):
		return invalid("", "parse bucket %q: S3 takes no name with two dots side by side or like an IP address", b)
	}
	for _, part := range reservedPrefixes {
		if strings.HasPrefix(b, part) {
			return invalid("", "parse bucket %q: S3 keeps names that begin with %s to itself", b, part)
		}
	}
	for _, part := range reservedSuffixes {
		if strings.HasSuffix(b, part) {
			return invalid("", "parse bucket %q: S3 keeps names that end with %s to itself", b, part)
		}
	}
	return nil
}

func (s Setup) checkPrefix() error {
	p := s.Prefix
	switch {
	case p == "":
		return invalid("leave --prefix out for "+Default().Prefix, "parse prefix: found nothing, want a name such as %s", Default().Prefix)
	case strings.HasPrefix(p, "/") || strings.HasSuffix(p, "/"):
		hint := "AWS sets the slashes itself"
		if bare := strings.Trim(p, "/"); bare != "" {
			hint += ": --prefix " + bare
		}
		return invalid(hint, "parse prefix %q: want no slash at either end", p)
	case len(p) > maxPrefix:
		return invalid("", "parse prefix %.20q…: found %d characters, want at most %d", p, len(p), maxPrefix)
	case !prefixPattern.MatchString(p):
		return invalid("", "parse prefix %q: want letters, digits, - _ . and single slashes between them", p)
	}
	for part := range strings.SplitSeq(p, "/") {
		if part == "." || part == ".." {
			return invalid("", "parse prefix %q: %s is no name of a folder", p, part)
		}
	}
	return nil
}

func (s Setup) checkExport() error {
	if exportPattern.MatchString(s.Export) {
		return nil
	}
	return invalid("", "parse export name %q: want 1 to 128 letters, digits, - and _", s.Export)
}

func (s Setup) checkAccount() error {
	if s.Account == "" || accountPattern.MatchString(s.Account) {
		return nil
	}
	hint := "the account that pays the bill; aws sts get-caller-identity says which one your credentials are of"
	if bare := strings.NewReplacer("-", "", " ", "").Replace(s.Account); accountPattern.MatchString(bare) {
		hint = "without anything between the digits: " + bare
	}
	return invalid(hint, "parse account %q: want 12 digits", s.Account)
}

// checkRegion refuses the other partitions: their ARNs are others, and their
// bills are not at this API.
func (s Setup) checkRegion() error {
	switch {
	case !regionPattern.MatchString(s.Region):
		return invalid("", "parse region %q: want a region of AWS such as eu-west-1", s.Region)
	case strings.HasPrefix(s.Region, "cn-"), strings.HasPrefix(s.Region, "us-gov-"), strings.HasPrefix(s.Region, "us-iso"), strings.HasPrefix(s.Region, "eusc-"):
		return invalid("", "parse region %q: want a region of the commercial partition, aws", s.Region)
	}
	return nil
}

func (s Setup) checkFormat() error {
	if s.Format == Parquet || s.Format == CSV {
		return nil
	}
	return invalid("", "parse format %q: want %s or %s", s.Format, Parquet, CSV)
}
