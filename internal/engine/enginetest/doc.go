// Package enginetest is what every engine must pass: the scripts of
// exploretest, and a comparison with the oracle, internal/engine/mem. Random
// asks questions drawn over the whole language of random estates and counts
// which tables answered them; Compare runs bare plans over fewer charges. It
// also writes charges as the CUR 2.0 file that a bill would bring them in, so
// that an engine can be filled through the real import. testdata/mutants has
// faults that Random must find.
//
// An engine that reads a store is filled by writing each of Deliveries(charges)
// with WriteCSV and importing the file under the delivery's export name:
//
//	func open(t testing.TB, charges []showback.Charge) explore.Engine {
//		for _, d := range enginetest.Deliveries(charges) {
//			… enginetest.WriteCSV(file, d.Charges) …
//		}
//		…
//	}
//
//	func TestScripts(t *testing.T) { exploretest.RunBuiltin(t, open) }
//	func TestPlans(t *testing.T)   { enginetest.Compare(t, 20, open) }
//
// It is imported by tests only, and must never excuse an engine: what two
// engines may answer differently is not in the question language.
package enginetest
