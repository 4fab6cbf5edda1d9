package blob

import (
	"net"
	"regexp"
	"strings"

	"showback"
)

// scheme begins an address in a bucket; it is read in any case.
const scheme = "s3://"

// Location is a folder of a bucket, or a single object.
type Location struct {
	// Bucket is the name of a bucket, the alias of an access point, or the ARN
	// of an access point.
	Bucket string
	// Prefix is the folder or object below the bucket, without a slash at
	// either end; empty for the whole bucket.
	Prefix string
}

// String returns the address as s3://bucket/prefix.
func (l Location) String() string { return address(l.Bucket, l.Prefix) }

// address is how messages name a key of a bucket; an empty key is the bucket.
func address(bucket, key string) string {
	if key == "" {
		return scheme + bucket
	}
	return scheme + bucket + "/" + key
}

// IsLocation reports whether text is meant as an address in a bucket: it begins
// with s3://, in any case. Whether the address is right, ParseLocation says.
func IsLocation(text string) bool {
	return len(text) >= len(scheme) && strings.EqualFold(text[:len(scheme)], scheme)
}

// ParseLocation reads s3://bucket/prefix, where the bucket may be an access
// point's alias or ARN, and the prefix may be empty or end in a slash. What is
// no such address is KindInvalid; where a web address, an s3a:// address or a
// bucket's ARN says what was meant, the hint has it as S3 address.
func ParseLocation(text string) (Location, error) {
	invalid := func(hint, format string, args ...any) (Location, error) {
		err := showback.Errorf(showback.KindInvalid, "parse address %q: "+format, append([]any{shown(text)}, args...)...)
		return Location{}, showback.WithHint(err, hint)
	}
	if !IsLocation(text) {
		return invalid(meant(text), "want s3://bucket/prefix")
	}
	rest := text[len(scheme):]
	bucket, prefix, _ := strings.Cut(rest, "/")
	if strings.HasPrefix(rest, "arn:") {
		var why, hint string
		if bucket, prefix, why, hint = splitARN(rest); why != "" {
			return invalid(hint, "%s", why)
		}
	} else if why := badBucket(bucket); why != "" {
		return invalid("write s3://bucket/prefix with the bucket's name as the S3 console shows it", "%s", why)
	}
	prefix = strings.TrimRight(prefix, "/")
	if why := badKey(prefix); prefix != "" && why != "" {
		return invalid("folders stand between single slashes: s3://bucket/folder/folder", "the prefix has %s", why)
	}
	return Location{Bucket: bucket, Prefix: prefix}, nil
}

// shown is the text as an error may repeat it: a web address can carry a
// signature in its query and a password before its host.
func shown(text string) string {
	text, _, _ = strings.Cut(text, "?")
	before, after, ok := strings.Cut(text, "://")
	if !ok {
		return text
	}
	host, path, slash := strings.Cut(after, "/")
	if at := strings.LastIndex(host, "@"); at >= 0 {
		host = host[at+1:]
	}
	if slash {
		path = "/" + path
	}
	return before + "://" + host + path
}

var bucketName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)

// badBucket says what is wrong with a bucket's name by the rules that all
// buckets follow that can get billing exports; "" when nothing is. (AWS,
// "General purpose bucket naming rules", 2026-10.)
func badBucket(name string) string {
	switch {
	case name == "":
		return "found no bucket"
	case !bucketName.MatchString(name):
		return "found the bucket " + quoted(name) + ", want 3 to 63 lower-case letters, digits, dots and hyphens"
	case strings.Contains(name, ".."):
		return "found two dots in a row in the bucket " + quoted(name)
	case net.ParseIP(name) != nil:
		return "found the bucket " + quoted(name) + ", which is an address of a host"
	}
	return ""
}

// badKey says why a key or prefix can't be a path of folders; "" when it can.
func badKey(key string) string {
	if strings.ContainsRune(key, 0) {
		return "a NUL character"
	}
	for part := range strings.SplitSeq(key, "/") {
		switch part {
		case "":
			return "an empty folder name"
		case ".", "..":
			return "a folder named " + quoted(part)
		}
	}
	return ""
}

func quoted(text string) string { return `"` + text + `"` }

var (
	accountID   = regexp.MustCompile(`^[0-9]{12}$`)
	accessPoint = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
)

// splitARN splits what follows s3:// when it is an ARN: the access point's ARN,
// written with a slash before its name, and the prefix. why is set when it is
// no ARN to read objects by.
func splitARN(rest string) (bucket, prefix, why, hint string) {
	arn, err := showback.ParseARN(rest)
	if err != nil {
		return "", "", "found an ARN that is cut short, want s3://arn:aws:s3:region:account:accesspoint/name/prefix", ""
	}
	const kind = "accesspoint"
	resource, isPoint := strings.CutPrefix(arn.Resource, kind)
	isPoint = isPoint && resource != "" && strings.ContainsRune("/:", rune(resource[0]))
	switch {
	case arn.Service == "s3" && arn.Region == "" && arn.Account == "":
		return "", "", "found the ARN of a bucket", "write " + scheme + arn.Resource
	case arn.Service == "s3-object-lambda":
		return "", "", "found an Object Lambda access point, which changes what it gives",
			"use the access point that stands behind it"
	case arn.Service == "s3-outposts":
		return "", "", "found an access point of S3 on Outposts, where billing exports are not delivered", ""
	case arn.Service != "s3" || !isPoint:
		return "", "", "found the ARN of something else, want that of an access point",
			"write s3://bucket/prefix or s3://arn:aws:s3:region:account:accesspoint/name/prefix"
	case !accountID.MatchString(arn.Account):
		return "", "", "found the account " + quoted(arn.Account) + " in the ARN, want 12 digits", ""
	}
	name, prefix, _ := strings.Cut(resource[1:], "/")
	if !accessPoint.MatchString(name) {
		return "", "", "found the access point " + quoted(name) + ", want 3 to 63 lower-case letters, digits, dots and hyphens", ""
	}
	arn.Resource = kind + "/" + name
	return arn.String(), prefix, "", ""
}

// isARN reports whether a bucket is given by an access point's ARN.
func isARN(bucket string) bool { return strings.HasPrefix(bucket, "arn:") }
