// Verifies a log that is exported as static files, with nothing but Go's own transparency log
// packages, golang.org/x/mod/sumdb/tlog and sumdb/note.
//
//	log_go DIR VKEY [CHECKPOINT]
//
// It opens the signed checkpoint, reads every entry and every tile, lets TileHashReader authenticate
// each hash against the signed root, and compares it with the hash of the entry; then it proves and
// checks records and trees. Prints the number of entries, or what does not hold and exits 1.
//
// Two things differ between Go's checksum database and C2SP tlog-tiles, and are bridged here: paths
// (tile/8/0/000 there, tile/0/000 here) and the checkpoint's first line.
package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

type files struct{ dir string }

func (f files) Height() int { return height }

func (f files) SaveTiles([]tlog.Tile, [][]byte) {}

// The file of a tile; the full one's beginning where a partial one is gone.
func (f files) read(path string) ([]byte, bool, error) {
	data, err := os.ReadFile(filepath.Join(f.dir, path))
	if errors.Is(err, fs.ErrNotExist) {
		if at := strings.Index(path, ".p/"); at >= 0 {
			data, err = os.ReadFile(filepath.Join(f.dir, path[:at]))
			return data, true, err
		}
	}
	return data, false, err
}

func (f files) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		path := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, wider, err := f.read(path)
		if err != nil {
			return nil, err
		}
		length := tile.W * tlog.HashSize
		if wider && len(data) > length {
			data = data[:length]
		}
		if len(data) != length {
			return nil, fmt.Errorf("%s has %d octets, not %d", path, len(data), length)
		}
		all = append(all, data)
	}
	return all, nil
}

// The entries of a bundle, as many as its width.
func (f files) entries(index int64, width int) ([][]byte, error) {
	tile := tlog.Tile{H: height, L: 0, N: index, W: width}
	path := strings.Replace(tile.Path(), "tile/8/0/", "tile/entries/", 1)
	data, wider, err := f.read(path)
	if err != nil {
		return nil, err
	}
	var entries [][]byte
	for len(entries) < width {
		if len(data) < 2 {
			return nil, fmt.Errorf("%s ends after %d entries of %d", path, len(entries), width)
		}
		length := int(binary.BigEndian.Uint16(data))
		if len(data) < 2+length {
			return nil, fmt.Errorf("%s ends within entry %d", path, len(entries))
		}
		entries = append(entries, data[2:2+length])
		data = data[2+length:]
	}
	if len(data) > 0 && !wider {
		return nil, fmt.Errorf("%s goes on after its %d entries", path, width)
	}
	return entries, nil
}

func open(signed []byte, vkey string) (tree tlog.Tree, err error) {
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return tree, err
	}
	opened, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return tree, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return tree, fmt.Errorf("the checkpoint is not of %s", verifier.Name())
	}
	if tree.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return tree, err
	}
	tree.Hash, err = tlog.ParseHash(lines[2])
	return tree, err
}

func verify(dir, vkey, checkpoint string) (int64, error) {
	signed, err := os.ReadFile(checkpoint)
	if err != nil {
		return 0, err
	}
	tree, err := open(signed, vkey)
	if err != nil {
		return 0, fmt.Errorf("checkpoint: %w", err)
	}
	tiles := files{dir}
	reader := tlog.TileHashReader(tree, tiles)
	root, err := tlog.TreeHash(tree.N, reader)
	if err != nil || root != tree.Hash {
		return 0, fmt.Errorf("the root is another: %v", err)
	}
	for first := int64(0); first < tree.N; first += 1 << height {
		width := int(min(tree.N-first, 1<<height))
		var indexes []int64
		for at := 0; at < width; at++ {
			indexes = append(indexes, tlog.StoredHashIndex(0, first+int64(at)))
		}
		hashes, err := reader.ReadHashes(indexes)
		if err != nil {
			return 0, err
		}
		entries, err := tiles.entries(first>>height, width)
		if err != nil {
			return 0, err
		}
		for at, entry := range entries {
			if tlog.RecordHash(entry) != hashes[at] {
				return 0, fmt.Errorf("entry %d is another than was hashed", first+int64(at))
			}
		}
	}
	return tree.N, proofs(tree, reader)
}

// Proves records and trees out of the tiles, and checks the proofs.
func proofs(tree tlog.Tree, reader tlog.HashReader) error {
	for step := int64(0); step < 40 && tree.N > 0; step++ {
		at := step * (tree.N - 1) / 39
		hashes, err := reader.ReadHashes([]int64{tlog.StoredHashIndex(0, at)})
		if err != nil {
			return err
		}
		proof, err := tlog.ProveRecord(tree.N, at, reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckRecord(proof, tree.N, tree.Hash, at, hashes[0]); err != nil {
			return fmt.Errorf("record %d: %w", at, err)
		}
		old, err := tlog.TreeHash(at+1, reader)
		if err != nil {
			return err
		}
		grown, err := tlog.ProveTree(tree.N, at+1, reader)
		if err != nil {
			return err
		}
		if err := tlog.CheckTree(grown, tree.N, tree.Hash, at+1, old); err != nil {
			return fmt.Errorf("tree of %d: %w", at+1, err)
		}
	}
	return nil
}

func min(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "log_go DIR VKEY [CHECKPOINT]")
		os.Exit(2)
	}
	checkpoint := filepath.Join(os.Args[1], "checkpoint")
	if len(os.Args) > 3 {
		checkpoint = os.Args[3]
	}
	size, err := verify(os.Args[1], os.Args[2], checkpoint)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(size)
}
