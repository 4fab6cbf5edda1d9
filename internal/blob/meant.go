package blob

import (
	"net/url"
	"regexp"
	"strings"
)

// meant guesses the S3 address from other ways to write it and returns it as a
// hint; "" when there is none to see.
func meant(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "" {
		return ""
	}
	var l Location
	switch strings.ToLower(u.Scheme) {
	case "s3a", "s3n":
		l = Location{Bucket: u.Host, Prefix: u.Path}
	case "arn":
		_, _, why, hint := splitARN(text)
		if why == "" {
			hint = "write " + scheme + text
		}
		return hint
	case "http", "https":
		l = fromWeb(u)
	}
	l.Prefix = strings.Trim(l.Prefix, "/")
	if badBucket(l.Bucket) != "" || l.Prefix != "" && badKey(l.Prefix) != "" {
		return ""
	}
	return "write " + l.String()
}

// Hosts of S3's addresses on the web: the endpoint alone, with a bucket before
// it, and the console's. (AWS, "Virtual hosting of general purpose buckets",
// 2026-10.)
var (
	webEndpoint = regexp.MustCompile(`^(?:(.+)\.)?s3(?:[.-](?:dualstack\.|fips\.)?[a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?$`)
	webConsole  = regexp.MustCompile(`^(?:.+\.)?console\.(?:aws\.amazon\.com|amazonaws\.cn|amazonaws-us-gov\.com)$`)
)

// fromWeb reads the address that a browser shows: an object's URL, or a page
// of the S3 console. The bucket is empty when it is neither.
func fromWeb(u *url.URL) Location {
	host := strings.ToLower(u.Hostname())
	path := strings.TrimPrefix(u.Path, "/")
	if webConsole.MatchString(host) {
		for _, page := range []string{"s3/buckets/", "s3/object/"} {
			if bucket, ok := strings.CutPrefix(path, page); ok {
				return Location{Bucket: strings.TrimSuffix(bucket, "/"), Prefix: u.Query().Get("prefix")}
			}
		}
		return Location{}
	}
	m := webEndpoint.FindStringSubmatch(host)
	if m == nil {
		return Location{}
	}
	if m[1] != "" {
		return Location{Bucket: m[1], Prefix: path}
	}
	bucket, prefix, _ := strings.Cut(path, "/")
	return Location{Bucket: bucket, Prefix: prefix}
}
