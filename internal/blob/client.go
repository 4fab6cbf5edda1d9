package blob

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go/logging"

	"showback"
)

// Options say how to reach buckets. The zero value is the SDK's default chain:
// the environment, the shared configuration files, the machine's role.
type Options struct {
	Profile string // of the shared configuration files; empty: AWS_PROFILE, else default
	// Region is where requests go first; empty: as configured, else us-east-1.
	// A bucket elsewhere is found by S3's redirect and remembered.
	Region string
	// EndpointURL is the server instead of AWS's; empty: AWS_ENDPOINT_URL_S3,
	// AWS_ENDPOINT_URL or the profile's. Any server of one's own is addressed
	// by path (https://host/bucket/key).
	EndpointURL string
	// RequesterPays agrees to pay for requests to buckets whose owner asks so.
	RequesterPays bool
	// NoSign sends requests without credentials, for public buckets.
	NoSign bool
	// ExpectedOwner is the account, 12 digits, that must own the buckets;
	// empty: any.
	ExpectedOwner string
	// MFA asks for the code of a profile that needs one; nil: such a profile
	// is refused.
	MFA func() (string, error)

	Parallel int // files fetched at once by FetchAll; 0: 8
	// Attempts bounds how often a request is made, and how often in a row a
	// download may be cut without one more byte; 0: AWS_MAX_ATTEMPTS, else 5.
	Attempts int
	// MaxBackoff bounds the pause between attempts; 0: 20 s.
	MaxBackoff time.Duration
	// Stall ends an attempt that has brought no byte for so long; 0: 30 s. A
	// slow download that still moves has no time-out.
	Stall time.Duration
	// Now is the local clock, for the message on a clock that is wrong; nil:
	// the message names the server's time only.
	Now func() time.Time

	// transport replaces the network in tests.
	transport http.RoundTripper
}

// defaultRegion is where S3 answers for all buckets of the aws partition by a
// redirect, and where AWS delivers billing exports from.
const defaultRegion = "us-east-1"

// connectTimeout bounds the making of a connection, per attempt.
const connectTimeout = 10 * time.Second

// Client reads buckets. It is safe for use by several goroutines at once and
// needs no closing.
type Client struct {
	s3    *s3.Client
	opts  Options
	creds *provider // nil when requests are not signed

	mu      sync.Mutex
	regions map[string]string // by bucket, learnt from redirects
}

// Open returns a client. It gets credentials at once, so that an answer like
// "no credentials" comes before any request: KindDenied when there are none,
// KindInvalid for a profile or an endpoint that does not exist.
func Open(ctx context.Context, opts Options) (*Client, error) {
	if err := checkEndpoint(opts.EndpointURL); err != nil {
		return nil, err
	}
	cfg, err := loadConfig(ctx, opts)
	if err != nil {
		return nil, configError(opts, err)
	}
	if opts.Attempts == 0 {
		opts.Attempts = cfg.RetryMaxAttempts
	}
	opts = withDefaults(opts)
	c := &Client{opts: opts, regions: map[string]string{}}
	if opts.NoSign {
		cfg.Credentials = aws.AnonymousCredentials{}
	} else {
		c.creds = &provider{of: cfg.Credentials, profile: opts.Profile}
		cfg.Credentials = c.creds
	}
	web := httpClient(cfg, opts)
	c.s3 = s3.NewFromConfig(cfg, func(o *s3.Options) {
		if opts.EndpointURL != "" {
			o.BaseEndpoint = aws.String(opts.EndpointURL)
		}
		o.UsePathStyle = o.BaseEndpoint != nil
		o.UseARNRegion = true
		o.HTTPClient = web
		o.Retryer = newRetryer(opts)
		o.Logger = logging.Nop{}
		// Files are checked here, against what the whole object should be; the
		// SDK would check single answers and warn of each that is a range.
		o.ResponseChecksumValidation = aws.ResponseChecksumValidationWhenRequired
		o.DisableLogOutputChecksumValidationSkipped = true
	})
	if endpoint := c.s3.Options().BaseEndpoint; endpoint != nil {
		if err := checkEndpoint(*endpoint); err != nil {
			return nil, err
		}
	}
	if c.creds != nil {
		if _, err := c.creds.first(ctx, min(machineRoleTimeout, opts.Stall)); err != nil {
			return nil, c.explain(ctx, action{verb: "open", name: "S3"}, err)
		}
	}
	return c, nil
}

func withDefaults(o Options) Options {
	if o.Parallel <= 0 {
		o.Parallel = 8
	}
	if o.Attempts <= 0 {
		o.Attempts = 5
	}
	if o.MaxBackoff <= 0 {
		o.MaxBackoff = 20 * time.Second
	}
	if o.Stall <= 0 {
		o.Stall = 30 * time.Second
	}
	return o
}

func checkEndpoint(text string) error {
	if text == "" {
		return nil
	}
	u, err := url.Parse(text)
	if err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.RawQuery == "" {
		return nil
	}
	return showback.WithHint(
		showback.Errorf(showback.KindInvalid, "open S3: found the endpoint %q, want http://host:port or https://host", shown(text)),
		"the endpoint is given by --endpoint-url, AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL or the profile")
}

func loadConfig(ctx context.Context, opts Options) (aws.Config, error) {
	load := []func(*config.LoadOptions) error{
		config.WithDefaultRegion(defaultRegion),
		config.WithLogger(logging.Nop{}),
		config.WithAssumeRoleCredentialOptions(askMFA(opts.MFA)),
	}
	if opts.Profile != "" {
		load = append(load, config.WithSharedConfigProfile(opts.Profile))
	}
	if opts.Region != "" {
		load = append(load, config.WithRegion(opts.Region))
	}
	if opts.NoSign {
		load = append(load, config.WithCredentialsProvider(aws.AnonymousCredentials{}))
	}
	return config.LoadDefaultConfig(ctx, load...)
}

// httpClient makes the client that requests go through: time-outs for what
// makes no progress, and no redirect followed, since a request is signed for
// one host.
func httpClient(cfg aws.Config, opts Options) *watchedClient {
	// The SDK puts AWS_CA_BUNDLE into the client of its configuration.
	base, ok := cfg.HTTPClient.(*awshttp.BuildableClient)
	if !ok {
		base = awshttp.NewBuildableClient()
	}
	base = base.WithDialerOptions(func(d *net.Dialer) { d.Timeout = min(connectTimeout, opts.Stall) }).
		WithTransportOptions(func(t *http.Transport) {
			t.ResponseHeaderTimeout = opts.Stall
			t.TLSHandshakeTimeout = min(connectTimeout, opts.Stall)
			t.MaxIdleConnsPerHost = max(t.MaxIdleConnsPerHost, opts.Parallel)
		})
	web := &http.Client{Transport: base.GetTransport()}
	if opts.transport != nil {
		web.Transport = opts.transport
	}
	web.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &watchedClient{client: web, stall: opts.Stall}
}

// settings are the options of one request to a bucket.
func (c *Client) settings(bucket string) []func(*s3.Options) {
	c.mu.Lock()
	region := c.regions[bucket]
	c.mu.Unlock()
	return []func(*s3.Options){func(o *s3.Options) {
		if region != "" {
			o.Region = region
		}
		if isARN(bucket) {
			o.UsePathStyle = false // the SDK refuses a path that begins with an ARN
		}
	}}
}

// region is where requests for the bucket go.
func (c *Client) region(bucket string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if region := c.regions[bucket]; region != "" {
		return region
	}
	if isARN(bucket) {
		if arn, err := showback.ParseARN(bucket); err == nil && arn.Region != "" {
			return arn.Region
		}
	}
	return c.s3.Options().Region
}

// call makes a request to a bucket. When S3 says that the bucket is in another
// region, the region is remembered and the request made once more.
func call[Out any](c *Client, bucket string, request func(...func(*s3.Options)) (Out, error)) (Out, error) {
	asked := c.region(bucket)
	out, err := request(c.settings(bucket)...)
	if err == nil || isARN(bucket) {
		return out, err
	}
	region := regionOf(err)
	if region == "" || region == asked {
		return out, err
	}
	c.mu.Lock()
	c.regions[bucket] = region
	c.mu.Unlock()
	return request(c.settings(bucket)...)
}

// host is the server that requests for the bucket go to, for messages.
func (c *Client) host(bucket string) string {
	if endpoint := c.s3.Options().BaseEndpoint; endpoint != nil {
		if u, err := url.Parse(*endpoint); err == nil {
			return u.Host
		}
	}
	region := c.region(bucket)
	if strings.HasPrefix(region, "cn-") {
		return "s3." + region + ".amazonaws.com.cn"
	}
	return "s3." + region + ".amazonaws.com"
}

// owner is the account that each request names as the bucket's; nil: any.
func (c *Client) owner() *string {
	if c.opts.ExpectedOwner == "" {
		return nil
	}
	return aws.String(c.opts.ExpectedOwner)
}
