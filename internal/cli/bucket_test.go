package cli_test

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"showback/internal/blob/blobtest"
)

// servers are the S3 servers of the scripts under way, by work folder.
var servers sync.Map

// serveBuckets gives a script an S3 server of its own, to which its environment
// leads.
func serveBuckets(t *testing.T, env *testscript.Env) {
	s := blobtest.Serve(t)
	servers.Store(env.WorkDir, s)
	for name, value := range s.Env() {
		env.Setenv(name, value)
	}
}

func serverOf(ts *testscript.TestScript) *blobtest.Server {
	s, ok := servers.Load(ts.Getenv("WORK"))
	if !ok {
		ts.Fatalf("the script has no server")
	}
	return s.(*blobtest.Server)
}

// bucketCommand works on the script's buckets:
//
//	bucket make NAME               a bucket without objects
//	bucket put FOLDER s3://B/P     all files of the folder, below the prefix
//	bucket remove s3://B/KEY
//	bucket fail KEY FAULT          from now on: denied, slow, hang
//	bucket heal
//	bucket fetched N PATTERN       N objects whose keys match were got since the
//	                               last such line
func bucketCommand(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: bucket make|put|remove|fail|heal|fetched …")
	}
	s := serverOf(ts)
	switch words := args[1:]; args[0] {
	case "make":
		s.Bucket(words[0])
	case "put":
		folder := ts.MkAbs(words[0])
		bucket, prefix, _ := strings.Cut(strings.TrimPrefix(words[1], "s3://"), "/")
		ts.Check(filepath.WalkDir(folder, func(file string, e os.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return err
			}
			body, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			rel, err := filepath.Rel(folder, file)
			s.Put(bucket, path.Join(prefix, filepath.ToSlash(rel)), body)
			return err
		}))
	case "remove":
		bucket, key, _ := strings.Cut(strings.TrimPrefix(words[0], "s3://"), "/")
		s.Delete(bucket, key)
	case "fail":
		faults := map[string]blobtest.Fault{"denied": blobtest.AccessDenied(), "slow": blobtest.SlowDown(), "hang": blobtest.HangUp()}
		fault, ok := faults[words[1]]
		if !ok {
			ts.Fatalf("no fault %q", words[1])
		}
		s.Fail(blobtest.On{Key: words[0]}, blobtest.Always, fault)
	case "heal":
		s.Heal()
	case "fetched":
		seen := map[string]bool{}
		for _, r := range s.Requests() {
			if ok, err := path.Match(words[1], path.Base(r.Key)); err != nil {
				ts.Fatalf("%v", err)
			} else if ok && r.Op == blobtest.Get {
				seen[r.Key] = true
			}
		}
		s.ResetCounts()
		if got := fmt.Sprint(len(seen)); got != words[0] {
			ts.Fatalf("fetched %s objects like %s, want %s", got, words[1], words[0])
		}
	default:
		ts.Fatalf("bucket: no such command as %q", args[0])
	}
}
