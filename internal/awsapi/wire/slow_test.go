package wire

import (
	"context"
	"net/http"
	"testing"
)

// Only who claims to have signed, and has not, is kept waiting.
func TestWrongSignaturesWait(t *testing.T) {
	waits := 0
	api := testAPI(nil)
	api.Slow = func(context.Context) { waits++ }
	f := func(r *http.Request, want int) {
		t.Helper()
		waits = 0
		send(t, api, r)
		if waits != want {
			t.Errorf("%s %s: waited %d times, want %d", r.Method, r.URL, waits, want)
		}
	}
	form := "Action=TagUser&UserName=x" + iamVersion
	f(signed(t, postForm(form), "iam"), 0)
	f(signed(t, postForm("Action=Nothing"+iamVersion), "iam"), 0)
	f(postForm(form), 0)
	wrong := signed(t, postForm(form), "iam")
	wrong.Header.Set("Authorization", wrong.Header.Get("Authorization")+"0")
	f(wrong, 1)
	f(signed(t, postForm(form), "sts"), 1)
}
