package sts_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssts "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"showback/internal/awsapi/account"
	"showback/internal/awsapi/sigv4"
	"showback/internal/awsapi/sts"
	"showback/internal/awsapi/wire"
	"showback/internal/directory"
	"showback/internal/iamrule"
	"showback/internal/tag"
)

const payer = "111122223333"

// server is the API on a port of the loopback, over a directory on the disk.
// Real clients sign with the real clock, so it has that one; shift moves it.
type server struct {
	url       string
	directory *directory.Directory
	service   *sts.Service
	shift     time.Duration
	user      aws.Credentials // alice's
	root      aws.Credentials
	userID    string
}

func serve(t *testing.T) *server {
	t.Helper()
	s := &server{}
	now := func() time.Time { return time.Now().Add(s.shift) }
	s.directory = directory.Open(t.TempDir(), now)
	t.Cleanup(func() {
		if err := s.directory.Close(); err != nil {
			t.Error(err)
		}
	})
	by := directory.Local(payer, "test")
	create := func(kind iamrule.Kind, path, name string, longest int) directory.Principal {
		p, err := s.directory.Create(t.Context(), by, directory.New{Account: payer, Kind: kind, Path: path, Name: name, MaxSession: longest})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	key := func(name string) aws.Credentials {
		k, secret, err := s.directory.CreateKey(t.Context(), by, payer, name)
		if err != nil {
			t.Fatal(err)
		}
		return aws.Credentials{AccessKeyID: k.ID, SecretAccessKey: secret}
	}
	s.userID = create(iamrule.User, "/", "alice", 0).UniqueID
	create(iamrule.Role, "/apps/", "app", 43_200)
	create(iamrule.Role, "/", "short", 3_600)
	create(iamrule.Role, "/", "target", 43_200)
	s.user, s.root = key("alice"), key("")
	dir := account.Directory{Directory: s.directory}
	s.service = &sts.Service{Roles: dir}
	h := httptest.NewServer(wire.New(&sigv4.Verifier{Keys: dir, Now: now}, s.service.Wire()))
	t.Cleanup(h.Close)
	s.url = h.URL
	return s
}

func (s *server) client(c aws.Credentials) *awssts.Client {
	return awssts.New(awssts.Options{
		Region: "eu-central-1", BaseEndpoint: &s.url, RetryMaxAttempts: 1,
		Credentials: credentials.StaticCredentialsProvider{Value: c},
	})
}

func arn(role string) *string { return aws.String("arn:aws:iam::" + payer + ":role/" + role) }

func sessionOf(out *awssts.AssumeRoleOutput) aws.Credentials {
	return aws.Credentials{AccessKeyID: *out.Credentials.AccessKeyId, SecretAccessKey: *out.Credentials.SecretAccessKey, SessionToken: *out.Credentials.SessionToken}
}

func pairs(kv ...string) (tags []types.Tag) {
	for i := 0; i < len(kv); i += 2 {
		tags = append(tags, types.Tag{Key: &kv[i], Value: &kv[i+1]})
	}
	return tags
}

// identity is who the credentials are, as the SDK is told.
func (s *server) identity(t *testing.T, c aws.Credentials) string {
	t.Helper()
	out, err := s.client(c).GetCallerIdentity(t.Context(), &awssts.GetCallerIdentityInput{})
	if err != nil {
		t.Fatal(err)
	}
	return *out.Account + " " + *out.UserId + " " + *out.Arn
}

func TestGetCallerIdentityWithTheSDK(t *testing.T) {
	s := serve(t)
	if got, want := s.identity(t, s.user), payer+" "+s.userID+" arn:aws:iam::"+payer+":user/alice"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := s.identity(t, s.root), payer+" "+payer+" arn:aws:iam::"+payer+":root"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestPresignedByTheSDK(t *testing.T) {
	s := serve(t)
	r, err := awssts.NewPresignClient(s.client(s.user)).PresignGetCallerIdentity(t.Context(), &awssts.GetCallerIdentityInput{})
	if err != nil {
		t.Fatal(err)
	}
	get := func(address string) (int, string) {
		t.Helper()
		request, err := http.NewRequestWithContext(t.Context(), r.Method, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		w, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer w.Body.Close()
		body, err := io.ReadAll(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		return w.StatusCode, string(body)
	}
	if status, body := get(r.URL); status != 200 || !strings.Contains(body, "user/alice</Arn>") {
		t.Errorf("status %d: %s", status, body)
	}
	if status, body := get(strings.Replace(r.URL, "GetCallerIdentity", "AssumeRole", 1)); status != 403 || !strings.Contains(body, "<Code>SignatureDoesNotMatch</Code>") {
		t.Errorf("status %d: %s", status, body)
	}
	s.shift = 16 * time.Minute
	if status, body := get(r.URL); status != 400 || !strings.Contains(body, "<Code>RequestExpired</Code>") {
		t.Errorf("status %d: %s", status, body)
	}
}

func TestAssumeRoleWithTheSDK(t *testing.T) {
	s := serve(t)
	before := time.Now()
	out, err := s.client(s.user).AssumeRole(t.Context(), &awssts.AssumeRoleInput{
		RoleArn: arn("apps/app"), RoleSessionName: aws.String("alice@example.com"), DurationSeconds: aws.Int32(900),
		Tags: pairs("Team", "engineering", "cost-center", ""), TransitiveTagKeys: []string{"team"}, SourceIdentity: aws.String("alice"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := *out.AssumedRoleUser.Arn, "arn:aws:sts::"+payer+":assumed-role/app/alice@example.com"; got != want {
		t.Errorf("session %s, want %s", got, want)
	}
	if !strings.HasPrefix(*out.AssumedRoleUser.AssumedRoleId, "AROA") || !strings.HasSuffix(*out.AssumedRoleUser.AssumedRoleId, ":alice@example.com") {
		t.Errorf("id %s", *out.AssumedRoleUser.AssumedRoleId)
	}
	session := sessionOf(out)
	if *out.SourceIdentity != "alice" || *out.SessionTokenSize != int32(len(session.SessionToken)) || *out.SessionTokenUtilization < 1 || !strings.HasPrefix(*out.Credentials.AccessKeyId, "ASIA") {
		t.Errorf("got %+v", out)
	}
	if d := out.Credentials.Expiration.Sub(before); d < 890*time.Second || d > 960*time.Second {
		t.Errorf("expires in %v, want 15 minutes", d)
	}

	// The credentials sign requests.
	want := payer + " " + *out.AssumedRoleUser.AssumedRoleId + " " + *out.AssumedRoleUser.Arn
	if got := s.identity(t, session); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	// So they do for the next role, which gets what passes on and no more.
	next, err := s.client(session).AssumeRole(t.Context(), &awssts.AssumeRoleInput{
		RoleArn: arn("target"), RoleSessionName: aws.String("job"), Tags: pairs("job", "7"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if next.SourceIdentity == nil || *next.SourceIdentity != "alice" {
		t.Errorf("source identity %v, want alice", next.SourceIdentity)
	}
	held, err := s.directory.Credential(t.Context(), *next.Credentials.AccessKeyId)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]tag.Pair{{Key: "job", Value: "7"}, {Key: "Team", Value: "engineering"}}, held.Session.Tags); diff != "" {
		t.Errorf("tags (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Team"}, held.Session.Transitive); diff != "" {
		t.Errorf("transitive (-want +got):\n%s", diff)
	}

}

func TestSessionsEnd(t *testing.T) {
	s := serve(t)
	out, err := s.directory.CreateSession(t.Context(), directory.Local(payer, "test"), directory.NewSession{
		Role: directory.Ref{Account: payer, Kind: iamrule.Role, Name: "app"}, Name: "s1", Duration: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	session := aws.Credentials{AccessKeyID: out.ID, SecretAccessKey: out.Secret, SessionToken: out.Token}
	if got := s.identity(t, session); !strings.HasSuffix(got, "assumed-role/app/s1") {
		t.Errorf("got %s", got)
	}
	s.shift = 2 * time.Minute
	_, err = s.client(session).GetCallerIdentity(t.Context(), &awssts.GetCallerIdentityInput{})
	refused(t, "after its end", err, 403, "ExpiredToken", "The security token included in the request is expired")
	s.shift = 16 * time.Minute
	_, err = s.client(s.user).GetCallerIdentity(t.Context(), &awssts.GetCallerIdentityInput{})
	refused(t, "by a clock that is late", err, 403, "SignatureDoesNotMatch", "Signature expired: ")
	s.shift = -16 * time.Minute
	_, err = s.client(s.user).GetCallerIdentity(t.Context(), &awssts.GetCallerIdentityInput{})
	refused(t, "by a clock that is early", err, 403, "SignatureDoesNotMatch", "Signature not yet current: ")
}

// refused checks an error as the SDK has it.
func refused(t *testing.T, name string, err error, status int, code, text string) {
	t.Helper()
	var e smithy.APIError
	if !errors.As(err, &e) {
		t.Errorf("%s: got %v, want %s", name, err, code)
		return
	}
	if e.ErrorCode() != code || !strings.Contains(e.ErrorMessage(), text) || !strings.Contains(err.Error(), fmt.Sprintf("StatusCode: %d", status)) {
		t.Errorf("%s:\n got %v\nwant %d %s: …%s…", name, err, status, code, text)
	}
}

func TestAssumeRoleRefusals(t *testing.T) {
	s := serve(t)
	ask := func(c aws.Credentials, change func(*awssts.AssumeRoleInput)) (*awssts.AssumeRoleOutput, error) {
		in := &awssts.AssumeRoleInput{RoleArn: arn("target"), RoleSessionName: aws.String("s1")}
		change(in)
		return s.client(c).AssumeRole(t.Context(), in)
	}
	f := func(name string, c aws.Credentials, status int, code, text string, change func(*awssts.AssumeRoleInput)) {
		t.Helper()
		_, err := ask(c, change)
		refused(t, name, err, status, code, text)
	}
	user := func(name string, status int, code, text string, change func(*awssts.AssumeRoleInput)) {
		t.Helper()
		f(name, s.user, status, code, text, change)
	}
	const invalid, parameter = "ValidationError", "InvalidParameterValue"
	type in = awssts.AssumeRoleInput

	user("short name", 400, invalid, "1 validation error detected: Value 'x' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2", func(i *in) { i.RoleSessionName = aws.String("x") })
	user("blank in the name", 400, invalid, `at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\w+=,.@-]*`, func(i *in) { i.RoleSessionName = aws.String("a b") })
	user("long name", 400, invalid, "less than or equal to 64", func(i *in) { i.RoleSessionName = aws.String(strings.Repeat("a", 65)) })
	user("short duration", 400, invalid, "Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900", func(i *in) { i.DurationSeconds = aws.Int32(899) })
	user("long duration", 400, invalid, "Member must have value less than or equal to 43200", func(i *in) { i.DurationSeconds = aws.Int32(43_201) })
	user("short ARN", 400, invalid, "at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20", func(i *in) { i.RoleArn = aws.String("arn:aws:iam") })
	user("ARN of a user", 400, invalid, "Request ARN is invalid", func(i *in) { i.RoleArn = aws.String("arn:aws:iam::" + payer + ":user/alice") })
	user("no such role", 403, "AccessDenied", "User: arn:aws:iam::"+payer+":user/alice is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::"+payer+":role/nobody", func(i *in) { i.RoleArn = arn("nobody") })
	user("role of another account", 403, "AccessDenied", "arn:aws:iam::444455556666:role/target", func(i *in) { i.RoleArn = aws.String("arn:aws:iam::444455556666:role/target") })
	user("role of another path", 403, "AccessDenied", "role/x/target", func(i *in) { i.RoleArn = arn("x/target") })
	user("role's own longest", 400, invalid, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.", func(i *in) { i.RoleArn, i.DurationSeconds = arn("short"), aws.Int32(3_601) })
	user("source identity", 400, invalid, "at 'sourceIdentity'", func(i *in) { i.SourceIdentity = aws.String("a:b") })
	user("external id", 400, invalid, "at 'externalId'", func(i *in) { i.ExternalId = aws.String("x") })

	user("tag keys that differ by case", 400, parameter, "Duplicate tag keys found. Please note that Tag keys are case insensitive.", func(i *in) { i.Tags = pairs("team", "a", "Team", "b") })
	user("tag of AWS", 400, parameter, "'aws:' are reserved", func(i *in) { i.Tags = pairs("AWS:x", "a") })
	user("tag value", 400, invalid, "at 'tags.1.member.value' failed to satisfy constraint: Member must satisfy regular expression pattern", func(i *in) { i.Tags = pairs("team", "<b>") })
	user("tag key", 400, invalid, "at 'tags.2.member.key' failed to satisfy constraint: Member must have length less than or equal to 128", func(i *in) { i.Tags = pairs("team", "a", strings.Repeat("k", 129), "b") })
	user("51 tags", 400, invalid, "Value at 'tags' failed to satisfy constraint: Member must have length less than or equal to 50", func(i *in) {
		for n := range 51 {
			i.Tags = append(i.Tags, pairs(fmt.Sprint("k", n), "v")...)
		}
	})
	user("transitive without a tag", 400, parameter, "The specified transitive tag key must be included in the requested tags.", func(i *in) { i.TransitiveTagKeys = []string{"team"} })

	user("session policy", 400, invalid, "Session policies are not supported", func(i *in) { i.Policy = aws.String(`{"Version":"2012-10-17","Statement":[]}`) })
	user("managed session policy", 400, invalid, "Session policies are not supported", func(i *in) {
		i.PolicyArns = []types.PolicyDescriptorType{{Arn: aws.String("arn:aws:iam::aws:policy/ReadOnlyAccess")}}
	})
	user("one-time password", 403, "AccessDenied", "MultiFactorAuthentication failed", func(i *in) {
		i.SerialNumber, i.TokenCode = aws.String("arn:aws:iam::"+payer+":mfa/alice"), aws.String("123456")
	})

	// Chains.
	out, err := ask(s.user, func(i *in) {
		i.Tags, i.TransitiveTagKeys, i.SourceIdentity = pairs("Team", "a"), []string{"Team"}, aws.String("alice")
	})
	if err != nil {
		t.Fatal(err)
	}
	session := sessionOf(out)
	f("chain over an hour", session, 400, invalid, "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.", func(i *in) { i.DurationSeconds = aws.Int32(3_601) })
	f("chain over the role's longest", session, 400, invalid, "exceeds the MaxSessionDuration", func(i *in) { i.RoleArn, i.DurationSeconds = arn("short"), aws.Int32(3_601) })
	f("passed-on tag set anew", session, 400, parameter, "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.", func(i *in) { i.Tags = pairs("team", "b") })
	f("other source identity", session, 400, invalid, "The source identity is already set for this assume role session", func(i *in) { i.SourceIdentity = aws.String("bob") })
	f("session as caller", session, 403, "AccessDenied", "User: arn:aws:sts::"+payer+":assumed-role/target/s1 is not authorized", func(i *in) { i.RoleArn = arn("nobody") })
	if _, err := ask(session, func(i *in) { i.SourceIdentity = aws.String("alice") }); err != nil {
		t.Errorf("the same source identity: %v", err)
	}

	// Credentials.
	wrong := session
	wrong.SessionToken += "x"
	f("wrong token", wrong, 403, "InvalidClientTokenId", "The security token included in the request is invalid.", func(*in) {})
	wrong = s.user
	wrong.SecretAccessKey += "x"
	f("wrong secret", wrong, 403, "SignatureDoesNotMatch", "The request signature we calculated does not match", func(*in) {})

	if _, err := ask(s.root, func(*in) {}); err != nil {
		t.Errorf("root: %v", err)
	}
	s.service.Strict = true
	f("root, strictly", s.root, 403, "AccessDenied", "Roles may not be assumed by root accounts.", func(*in) {})

	// Sessions end with their role, one of the same name notwithstanding.
	by := directory.Local(payer, "test")
	ref := directory.Ref{Account: payer, Kind: iamrule.Role, Name: "target"}
	if err := s.directory.Delete(t.Context(), by, ref); err != nil {
		t.Fatal(err)
	}
	if _, err := s.directory.Create(t.Context(), by, directory.New{Account: payer, Kind: iamrule.Role, Path: "/", Name: "target", MaxSession: 3600}); err != nil {
		t.Fatal(err)
	}
	_, err = s.client(session).GetCallerIdentity(t.Context(), &awssts.GetCallerIdentityInput{})
	refused(t, "session of a role that was deleted", err, 403, "InvalidClientTokenId", "invalid")
}

// A client may leave out what the SDK insists on.
func TestAssumeRoleNeedsItsParameters(t *testing.T) {
	s := &sts.Service{}
	_, err := s.AssumeRole(t.Context(), wire.Caller{}, sts.AssumeRoleRequest{Tags: []sts.Tag{{}}})
	want := "ValidationError: 4 validation errors detected: Value null at 'roleArn' failed to satisfy constraint: Member must not be null; " +
		"Value null at 'roleSessionName' failed to satisfy constraint: Member must not be null; " +
		"Value null at 'tags.1.member.key' failed to satisfy constraint: Member must not be null; " +
		"Value null at 'tags.1.member.value' failed to satisfy constraint: Member must not be null"
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

func TestEventsSayWhoAssumed(t *testing.T) {
	s := serve(t)
	out, err := s.client(s.user).AssumeRole(t.Context(), &awssts.AssumeRoleInput{RoleArn: arn("apps/app"), RoleSessionName: aws.String("s1"), Tags: pairs("team", "a")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.client(sessionOf(out)).AssumeRole(t.Context(), &awssts.AssumeRoleInput{RoleArn: arn("target"), RoleSessionName: aws.String("s2")}); err != nil {
		t.Fatal(err)
	}
	page, err := s.directory.Events(t.Context(), directory.EventQuery{Limit: 2})
	if err != nil {
		t.Fatal(err)
	}
	type record struct {
		EventName, EventSource, SourceIPAddress, UserAgent string
		UserIdentity                                       struct {
			Type, ARN, AccessKeyID string
			SessionContext         *struct{ SessionIssuer struct{ ARN string } }
		}
	}
	var got []record
	for _, e := range page.Events {
		var r record
		if err := json.Unmarshal([]byte(e.Record), &r); err != nil {
			t.Fatal(err)
		}
		got = append(got, r)
	}
	if len(got) != 2 || got[0].EventName != "AssumeRole" || got[0].UserIdentity.Type != "AssumedRole" ||
		got[0].UserIdentity.SessionContext.SessionIssuer.ARN != *arn("apps/app") || got[1].UserIdentity.ARN != "arn:aws:iam::"+payer+":user/alice" ||
		got[1].SourceIPAddress != "127.0.0.1" || !strings.Contains(got[1].UserAgent, "aws-sdk-go-v2") || got[1].UserIdentity.AccessKeyID != s.user.AccessKeyID {
		t.Errorf("got %+v", got)
	}
}

// The AWS CLI is the client that most scripts use.
func TestWithTheAWSCLI(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: the AWS CLI takes a second to start")
	}
	cli, err := exec.LookPath("aws")
	if err == nil {
		err = exec.CommandContext(t.Context(), cli, "--version").Run()
	}
	if err != nil {
		t.Skip("no AWS CLI that works on the path:", err)
	}
	s := serve(t)
	run := func(c aws.Credentials, args ...string) (string, error) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
		defer cancel()
		cmd := exec.CommandContext(ctx, cli, append([]string{"sts", "--endpoint-url", s.url, "--output", "json"}, args...)...)
		cmd.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID="+c.AccessKeyID, "AWS_SECRET_ACCESS_KEY="+c.SecretAccessKey, "AWS_SESSION_TOKEN="+c.SessionToken,
			"AWS_DEFAULT_REGION=eu-west-1", "AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_MAX_ATTEMPTS=1", "AWS_PAGER=")
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	out, err := run(s.user, "get-caller-identity")
	var who struct{ UserID, Account, Arn string }
	if err != nil || json.Unmarshal([]byte(out), &who) != nil || who.Arn != "arn:aws:iam::"+payer+":user/alice" || who.Account != payer {
		t.Errorf("get-caller-identity: %v\n%s", err, out)
	}
	out, err = run(s.user, "assume-role", "--role-arn", *arn("apps/app"), "--role-session-name", "alice@example.com", "--source-identity", "alice",
		"--tags", "Key=Project,Value=Automation", "Key=CostCenter,Value=12345", "Key=Department,Value=Engineering", "--transitive-tag-keys", "Project", "Department")
	var assumed struct {
		AssumedRoleUser  struct{ AssumedRoleID, Arn string }
		Credentials      struct{ AccessKeyID, SecretAccessKey, SessionToken, Expiration string }
		PackedPolicySize int
		SourceIdentity   string
	}
	if err != nil || json.Unmarshal([]byte(out), &assumed) != nil || assumed.PackedPolicySize != 8 || assumed.SourceIdentity != "alice" {
		t.Fatalf("assume-role: %v\n%s", err, out)
	}
	session := aws.Credentials{AccessKeyID: assumed.Credentials.AccessKeyID, SecretAccessKey: assumed.Credentials.SecretAccessKey, SessionToken: assumed.Credentials.SessionToken}
	if out, err = run(session, "get-caller-identity"); err != nil || !strings.Contains(out, "assumed-role/app/alice@example.com") {
		t.Errorf("get-caller-identity: %v\n%s", err, out)
	}
	wrong := s.user
	wrong.SecretAccessKey = strings.Repeat("x", 40)
	if out, err = run(wrong, "get-caller-identity"); err == nil || !strings.Contains(out, "(SignatureDoesNotMatch) when calling the GetCallerIdentity operation: The request signature we calculated") {
		t.Errorf("get-caller-identity with a wrong secret: %v\n%s", err, out)
	}
	if out, err = run(s.user, "get-session-token"); err == nil || !strings.Contains(out, "(InvalidAction) when calling the GetSessionToken operation: Could not find operation GetSessionToken for version 2011-06-15") {
		t.Errorf("get-session-token: %v\n%s", err, out)
	}
}
