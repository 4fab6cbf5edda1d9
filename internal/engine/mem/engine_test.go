package mem_test

import (
	"testing"

	"showback"
	"showback/internal/engine/mem"
	"showback/internal/explore"
	"showback/internal/explore/exploretest"
)

func open(_ testing.TB, charges []showback.Charge) explore.Engine {
	return mem.New(charges, mem.Cover(charges))
}

func TestScripts(t *testing.T) { exploretest.RunBuiltin(t, open) }
