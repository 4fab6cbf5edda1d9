package blob

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// stalledError is the end of an answer that brought no byte for too long. It is
// a time-out, which the SDK makes again.
type stalledError struct{ after time.Duration }

func (e *stalledError) Error() string { return "no byte came for " + e.after.String() }
func (*stalledError) Timeout() bool   { return true }
func (*stalledError) Temporary() bool { return true }

// watchedClient ends answers whose body stalls. Until the headers are there the
// transport's own time-outs hold.
type watchedClient struct {
	client *http.Client
	stall  time.Duration
}

// Do makes the request; its body must be closed, as net/http has it.
func (w *watchedClient) Do(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithCancelCause(req.Context())
	resp, err := w.client.Do(req.WithContext(ctx))
	if err != nil {
		cancel(nil)
		return nil, err
	}
	b := &watchedBody{body: resp.Body, ctx: ctx, cancel: cancel, stall: w.stall}
	b.timer = time.AfterFunc(w.stall, func() { cancel(&stalledError{w.stall}) })
	b.timer.Stop()
	resp.Body = b
	return resp, nil
}

type watchedBody struct {
	body   io.ReadCloser
	ctx    context.Context
	cancel context.CancelCauseFunc
	timer  *time.Timer
	stall  time.Duration
}

func (b *watchedBody) Read(p []byte) (int, error) {
	b.timer.Reset(b.stall)
	n, err := b.body.Read(p)
	b.timer.Stop()
	if err != nil && err != io.EOF {
		var stalled *stalledError
		if errors.As(context.Cause(b.ctx), &stalled) {
			err = stalled
		}
	}
	return n, err
}

func (b *watchedBody) Close() error {
	b.timer.Stop()
	err := b.body.Close()
	b.cancel(nil)
	return err
}

// newRetryer returns the SDK's standard one, with more attempts, without its
// quota of retries over all requests (the attempts bound each), and for two more
// errors: an answer cut short, and 429 as some servers say SlowDown.
func newRetryer(opts Options) aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = opts.Attempts
		o.MaxBackoff = opts.MaxBackoff
		o.Backoff = backoff(opts.MaxBackoff)
		o.RateLimiter = ratelimit.None
		o.Retryables = append([]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(hopeless)}, o.Retryables...)
		o.Retryables = append(o.Retryables,
			retry.RetryableHTTPStatusCode{Codes: map[int]struct{}{http.StatusTooManyRequests: {}}},
			retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
				if isCut(err) {
					return aws.TrueTernary
				}
				return aws.UnknownTernary
			}))
	})
}

// hopeless ends the attempts for a certificate that is not trusted.
func hopeless(err error) aws.Ternary {
	var cert *tls.CertificateVerificationError
	if errors.As(err, &cert) {
		return aws.FalseTernary
	}
	return aws.UnknownTernary
}

// mostWaitForHost bounds the pause before a host is asked again that did not
// take the connection: it is more often a wrong address than a busy server.
const mostWaitForHost = time.Second

// backoff returns the pauses between attempts: random, doubling, at most most.
func backoff(most time.Duration) retry.BackoffDelayer {
	standard := retry.NewExponentialJitterBackoff(most)
	return retry.BackoffDelayerFunc(func(attempt int, err error) (time.Duration, error) {
		d, delayErr := standard.BackoffDelay(attempt, err)
		var send *smithyhttp.RequestSendError
		if errors.As(err, &send) {
			d = min(d, mostWaitForHost)
		}
		return d, delayErr
	})
}

// pause waits for d or until ctx is done, whose error it returns.
func pause(ctx context.Context, d time.Duration) error {
	wait, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	<-wait.Done()
	return ctx.Err()
}
